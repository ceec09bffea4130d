"""Erasing when the week is over: resumed when interrupted, retried when it fails, never half."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.urls import reverse

from common import clock, names, privacy
from common.access import SYSTEM, Refused
from community.erasure import actions, jobs, record
from community.people.actions import find_or_create_user, unsuspend
from community.people.models import User
from community.spaces.models import Membership
from followup.courses.run_actions import enrol
from followup.months.actions import admit_completed
from followup.months.models import Extension
from messaging.jobs.models import Failure
from messaging.live.models import Revocation
from messaging.notifications.models import Mail
from tests import written

pytestmark = pytest.mark.django_db

A_WEEK = actions.TIME_TO_THINK + dt.timedelta(minutes=1)


def later():
    return clock.at(clock.now() + A_WEEK)


def test_it_happens_when_the_week_is_over_and_not_before(participant, as_):
    actions.ask(user=participant, takes_posts=False)
    assert jobs.sweep() == 0
    client = as_(participant)
    with later():
        assert jobs.sweep() == 1
        assert jobs.sweep() == 0
    erased = User.objects.get(pk=participant.pk)
    assert erased.erased_at is not None
    assert (erased.name, erased.email, erased.erasure_at) == ("—", "", None)
    assert client.get(reverse("today")).status_code == 200
    assert reverse("profile") not in client.get(reverse("today")).content.decode(), "signed out"


def test_sessions_sockets_and_tickets_end(participant, trainer, as_):
    as_(participant)
    as_(trainer)
    actions.erase_at_once(user=participant, takes_posts=False)
    assert Session.objects.count() == 1
    assert Revocation.objects.filter(person=participant.pk, ends=True, session="").exists()
    assert not Membership.objects.current().filter(user=participant).exists()


def break_once(monkeypatch, subject="courses"):
    """One subject fails at its first attempt."""
    handler, broken = privacy._handlers[subject], [True]

    def fail_first(user):
        if broken.pop() if broken else False:
            raise RuntimeError(f"{user.name} is in the way")
        handler.erase(user)

    replaced = privacy.Handler(handler.subject, handler.export, fail_first, handler.fields, False)
    monkeypatch.setitem(privacy._handlers, subject, replaced)


def test_what_fails_is_tried_again_later_and_nobody_comes_in_meanwhile(participant, monkeypatch, caplog):
    break_once(monkeypatch)
    actions.ask(user=participant, takes_posts=False)
    with later():
        assert jobs.sweep() == 0
    failure = Failure.objects.get(kind="erasure")
    assert failure.row_id == participant.pk
    assert "Petra" not in failure.error
    half = User.objects.get(pk=participant.pk)
    assert half.erased_at is None
    assert not half.is_active
    assert half.name == "Petra Participant", "the account goes last, since others are found by it"
    with pytest.raises(Refused, match="already being erased"):
        actions.keep(user=half)
    unsuspend(user=half)
    with pytest.raises(Refused, match="already being erased"):
        actions.keep(user=half)
    with clock.at(clock.now() + A_WEEK + actions.LEASE):
        assert jobs.sweep() == 1
    assert User.objects.get(pk=participant.pk).erased_at is not None
    assert not Failure.objects.exists()


def test_a_killed_process_is_replaced_by_another_after_its_lease(participant):
    actions.ask(user=participant, takes_posts=False)
    with later():
        assert actions.claim_due(participant.pk) is not None
        assert actions.claim_due(participant.pk) is None
        assert jobs.sweep() == 0
    with clock.at(clock.now() + A_WEEK + actions.LEASE):
        assert jobs.sweep() == 1


def test_a_list_that_is_applied_meanwhile_creates_somebody_else(participant, monkeypatch):
    break_once(monkeypatch)
    with pytest.raises(RuntimeError):
        actions.erase_at_once(user=participant, takes_posts=False)
    address = participant.email
    other, new = find_or_create_user(name="Petra", address=address, language="en", time_zone="UTC")
    assert new
    assert actions.erase(user=participant)
    assert User.objects.get(pk=other.pk).email == address


def test_if_it_cannot_be_recorded_nothing_is_erased_and_it_is_tried_again(participant, record_file):
    record_file.mkdir()
    with pytest.raises(OSError, match="directory"):
        actions.erase_at_once(user=participant, takes_posts=False)
    waiting = User.objects.get(pk=participant.pk)
    assert waiting.name == "Petra Participant"
    assert not waiting.is_active, "the account cannot be kept any more, so it may be recorded later"
    record_file.rmdir()
    with later():
        assert jobs.sweep() == 1
    assert list(record.read(record_file)) == [participant.key]


def test_who_keeps_the_account_when_its_erasure_was_claimed_keeps_it(participant, record_file):
    actions.ask(user=participant, takes_posts=False)
    with later():
        claimed = actions.claim_due(participant.pk)
        assert actions.keep(user=participant)
        assert not actions.erase(user=claimed)
    kept = User.objects.get(pk=participant.pk)
    assert kept.is_active
    assert (kept.name, kept.erasure_at) == ("Petra Participant", None)
    assert not record_file.exists()


def test_nobody_is_in_the_record_whose_account_may_still_be_kept(participant, record_file, monkeypatch):
    """Otherwise they would be erased after the next restoring of a back-up."""
    actions.ask(user=participant, takes_posts=False)

    def fail(user_id):
        raise RuntimeError("the last step of the first transaction")

    with monkeypatch.context() as broken:
        broken.setattr(actions.publish, "signed_out", fail)
        with pytest.raises(RuntimeError):
            actions.erase(user=participant)
    assert not record_file.exists()
    assert actions.keep(user=participant)


def test_nobody_is_erased_who_has_not_asked(participant, record_file):
    assert not actions.erase(user=participant)
    assert User.objects.get(pk=participant.pk).is_active
    assert not record_file.exists()


def test_who_became_the_last_coordinator_meanwhile_is_not_erased_silently(
    coordinator, institute, stranger, caplog
):
    row = institute.staff.create(user=stranger, role="coordinator")
    actions.ask(user=coordinator, takes_posts=False)
    type(row).objects.filter(pk=row.pk).delete()
    with later():
        assert jobs.sweep() == 0
    assert User.objects.get(pk=coordinator.pk).is_active
    assert "last coordinator" in Failure.objects.get(kind="erasure").error


def test_erasing_twice_changes_nothing_more(participant, record_file):
    actions.erase_at_once(user=participant, takes_posts=False)
    assert not actions.erase(user=participant)
    assert not actions.erase(user=participant, again=True)
    assert len(record_file.read_text().splitlines()) == 1


def test_a_line_that_was_cut_off_spoils_no_other(record_file, participant, another_participant):
    record.add(participant.key, takes_posts=False)
    with record_file.open("a") as file:
        file.write('{"account": "0000')
    record.add(another_participant.key, takes_posts=True)
    assert record.read(record_file) == {participant.key: False, another_participant.key: True}
    assert record_file.stat().st_mode & 0o077 == 0


def test_an_administrator_erases_for_a_written_request(participant, capsys):
    call_command("erase_person", participant.email.upper())
    assert f"Account {participant.pk} will be erased on" in capsys.readouterr().out
    assert User.objects.get(pk=participant.pk).erasure_at is not None
    assert Mail.objects.filter(kind="erasure-asked", user=participant).exists()
    call_command("erase_person", participant.email, "--now", "--posts-too")
    assert f"Account {participant.pk} is erased." in capsys.readouterr().out
    assert not Mail.objects.exists()
    with pytest.raises(CommandError, match="Nobody"):
        call_command("erase_person", participant.email)


def test_the_command_finds_an_address_as_people_write_it_and_as_it_was_stored_once(participant, capsys):
    for stored in ("petra@xn--kzpiskola-c4a5l.test", "Petra@Középiskola.test"):
        User.objects.filter(pk=participant.pk).update(email=stored)
        call_command("erase_person", "Petra@Középiskola.test")
        assert f"Account {participant.pk} will be erased on" in capsys.readouterr().out


def test_the_command_refuses_the_last_coordinator_and_asks_which_of_two_is_meant(
    coordinator, participant, stranger
):
    with pytest.raises(CommandError, match="Course Institute has no other coordinator"):
        call_command("erase_person", coordinator.email, "--now")
    User.objects.filter(pk=stranger.pk).update(email=participant.email)
    with pytest.raises(CommandError, match=f"--id {stranger.pk}: Sara Stranger"):
        call_command("erase_person", participant.email, "--now")
    call_command("erase_person", participant.email, "--now", "--id", str(stranger.pk))
    assert User.objects.get(pk=participant.pk).is_active


def test_a_record_that_is_missing_is_said(record_file):
    with pytest.raises(CommandError, match="no record of erased accounts"):
        call_command("erase_again")


def test_the_mails_of_who_shares_the_address_stay(participant, another_participant):
    User.objects.filter(pk=another_participant.pk).update(email=participant.email)
    about = {"kind": "news", "language": "en", "subject": "Hello", "text": "Hello"}
    shared = Mail.objects.create(key="1", address=participant.email, user=another_participant, **about)
    actions.erase_at_once(user=participant, takes_posts=False)
    assert list(Mail.objects.all()) == [shared]


def test_an_erased_person_is_not_admitted_when_a_month_opens_later(run, month, participant, space):
    actions.erase_at_once(user=participant, takes_posts=False)
    users = [each.user for each in run.enrolments.filter(completed_at__isnull=False).select_related("user")]
    admit_completed(month=month, users=users, by=SYSTEM)
    assert not Membership.objects.current().filter(space=space, user=participant).exists()


def test_who_is_erased_can_come_again_as_somebody_new(participant, coordinator, run):
    address = participant.email
    actions.erase_at_once(user=participant, takes_posts=False)
    enrol(run=run, by=coordinator, people=[("Petra Participant", address)])
    again = User.objects.get(email=address)
    assert again.pk != participant.pk
    assert again.joined_at is None
    assert not again.memberships.exists()


def test_nobody_waits_for_an_erased_person_who_never_joined(run, coordinator, as_):
    enrol(run=run, by=coordinator, people=[("Nora New", "nora@school.test")])
    guest = User.objects.get(email="nora@school.test")
    run.enrolments.filter(user=guest).update(completed_at=clock.now(), completed_on=run.ends_on)
    actions.erase_at_once(user=guest, takes_posts=False)
    page = as_(coordinator).get(reverse("run", args=[run.pk])).content.decode()
    assert "has not joined yet" not in page.split("Aron Awaiting")[0]
    assert reverse("run_invitation_address", args=[run.pk, guest.pk]) not in page


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Anna", "Anna asks Annabel. (Anna)", "— asks Annabel. (—)"),
        ("A. (B) [C] \\d+", "A. (B) [C] \\d+ asks", "— asks"),
        ("Ли", "Ли спрашивает: Лист?", "— спрашивает: Лист?"),
        ("Šarūnas Žukas", "ŠarūnasŽukas, Šarūnas Žukas!", "ŠarūnasŽukas, —!"),
        ("", "Nobody", "Nobody"),
    ],
)
def test_a_name_is_replaced_where_it_is_a_word_of_its_own(name, text, left):
    assert names.without(text, name) == left


def test_a_mail_that_names_them_by_an_earlier_name_loses_its_text_too(participant, trainer, space):
    digest = Mail.objects.create(
        key="1",
        kind="news",
        user=trainer,
        address=trainer.email,
        language="en",
        subject="Petra Participant asks",
        text="Petra Participant asks",
        sent_at=clock.now(),
    )
    question = written.ask(space, participant)
    trainer.notifications.filter(key=f"question:{question.pk}").update(mail=digest)
    User.objects.filter(pk=participant.pk).update(name="P.")
    actions.erase_at_once(user=User.objects.get(pk=participant.pk), takes_posts=False)
    digest.refresh_from_db()
    assert (digest.subject, digest.text) == ("", "")


def test_sentences_about_what_an_erased_person_did_have_a_placeholder_and_no_gap(
    trainer, participant, month, space, as_
):
    written.ask(space, participant)
    Extension.objects.create(
        month=month,
        previous_closes_at=space.closes_at,
        last_day=space.last_day,
        reason="More time",
        on_hand="asked",
        extended_by=participant,
    )
    actions.erase_at_once(user=participant, takes_posts=False)
    client = as_(trainer)
    assert "— asks: “What if half are lost?”" in client.get(reverse("news")).content.decode()
    assert "— extended this follow-up" in client.get(reverse("today")).content.decode()
    assert "—, " in client.get(reverse("month_extend", args=[month.pk])).content.decode()
