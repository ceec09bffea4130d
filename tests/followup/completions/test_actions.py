"""Recording completions: applying, idempotency, undo, previews and the jobs."""

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people import invitations
from community.people.models import Invitation, User
from community.spaces.actions import dismiss_member
from community.spaces.models import Membership, Space
from community.threads.models import Thread
from followup.completions import actions
from followup.completions.undo import undo
from followup.courses.invitation_actions import correct_address
from followup.courses.models import Enrolment
from followup.courses.roles import SpaceRole
from followup.lists import parser
from followup.months import dates
from followup.months.models import Month
from messaging.notifications.models import Mail
from tests.cast import ZONE
from tests.followup.completions.conftest import GOOD
from tests.followup.completions.shared import everything, long_list


def test_a_list_creates_people_completes_them_and_opens_their_month(uploaded, new_run, coordinator):
    batch = actions.apply(batch=uploaded(), by=coordinator)
    month = Month.objects.get(month_runs__run=new_run)
    new_run.refresh_from_db()
    assert (batch.opened_month, batch.rows_done, batch.content) == (True, 2, "")
    assert month.opened_by == Month.OpenedBy.IMPORT
    assert new_run.completed_by == coordinator
    assert {one.user.name for one in new_run.enrolments.filter(completed_on=new_run.ends_on)} == {
        "Anna Nagy",
        "Béla Kis",
    }
    members = Membership.objects.current().filter(space=month.space, role=SpaceRole.PARTICIPANT)
    assert {one.user.name for one in members} == {"Anna Nagy", "Béla Kis"}
    anna = User.objects.get(email="anna@school.test")
    assert (anna.language, anna.occupation, anna.joined_at) == ("hu", "teacher", None)


def test_mails_wait_until_the_batch_cannot_be_undone_any_more(uploaded, coordinator):
    batch = actions.apply(batch=uploaded(), by=coordinator)
    waiting = Mail.objects.filter(address__in=["anna@school.test", "bela@school.test"])
    assert {mail.kind for mail in waiting} == {"invitation"}
    assert all(mail.not_before >= batch.undo_until for mail in waiting)
    assert waiting.count() == 2


def test_a_user_who_has_joined_is_notified_and_not_invited(uploaded, known, coordinator):
    actions.apply(batch=uploaded(f"email,name\n{known.email},Other Name\n"), by=coordinator)
    assert [mail.kind for mail in Mail.objects.filter(user=known)] == ["month-opened"]
    known.refresh_from_db()
    assert known.name == "Sara Stranger"


def test_loading_twice_changes_nothing(uploaded, coordinator):
    actions.apply(batch=uploaded(), by=coordinator)
    before = everything()
    second = actions.apply(batch=uploaded(), by=coordinator)
    assert (second.already_there, second.entries.count()) == (2, 0)
    assert everything() == {**before, "CompletionBatch": before["CompletionBatch"] + 1}


def test_applying_a_batch_is_idempotent(uploaded, coordinator):
    batch = uploaded()
    actions.apply(batch=batch, by=coordinator)
    before = everything()
    again = actions.apply(batch=batch, by=coordinator)
    assert (again.rows_done, again.already_there) == (2, 0)
    assert everything() == before


def test_good_rows_are_applied_and_refused_ones_are_stored_with_their_reasons(uploaded, coordinator):
    batch = actions.apply(batch=uploaded(GOOD + "nope,Cili,,,\n,Dóra,,,\n"), by=coordinator)
    assert batch.entries.count() == 2
    assert [(row["line"], row["reason"]) for row in batch.refused] == [
        (4, "not-an-address"),
        (5, "no-address"),
    ]


def test_a_list_of_refused_rows_opens_no_month(uploaded, new_run, coordinator):
    actions.apply(batch=uploaded("email,name\nnope,Cili\n"), by=coordinator)
    assert not Month.objects.filter(month_runs__run=new_run).exists()


def test_many_rows_cost_as_many_statements_as_one(uploaded, coordinator):
    def statements(batch) -> int:
        with CaptureQueriesContext(connection) as captured:
            actions.apply(batch=batch, by=coordinator)
        return len(captured)

    actions.apply(batch=uploaded(), by=coordinator)
    few = statements(uploaded("email,name\na@x.test,A\n"))
    many = statements(uploaded("email,name\n" + "".join(f"b{n}@x.test,B {n}\n" for n in range(30))))
    assert many == few


def test_a_file_is_parsed_once_and_then_its_rows_are_stored(uploaded, coordinator, monkeypatch):
    batch = uploaded(GOOD + "nope,Cili,,,\n")
    before = actions.listing_of(batch)
    monkeypatch.setattr(parser, "text_table", None)
    monkeypatch.setattr(parser, "match_columns", None)
    assert actions.listing_of(batch) == before
    assert [row.name for row in before.good] == ["Anna Nagy", "Béla Kis"]
    assert [row.cells[:2] for row in before.refused] == [["nope", "Cili"]]
    batch = actions.apply(batch=batch, by=coordinator)
    assert batch.rows_done == 3


def test_a_list_that_a_former_release_stored_as_text_can_still_be_applied(uploaded, new_run, coordinator):
    batch = uploaded()
    batch.content = GOOD
    batch.save()
    actions.apply(batch=batch, by=coordinator)
    assert new_run.enrolments.filter(completed_at__isnull=False).count() == 2


def test_undo_reverts_everything(uploaded, new_run, coordinator):
    batch = uploaded()
    before = everything()
    actions.apply(batch=batch, by=coordinator)
    undo(batch=batch, by=coordinator)
    new_run.refresh_from_db()
    assert new_run.completed_at is None
    assert everything() == before


def test_a_corrected_address_is_not_mailed_before_the_end_of_undo_and_undone_too(
    uploaded, new_run, coordinator
):
    batch = uploaded()
    before = everything()
    actions.apply(batch=batch, by=coordinator)
    anna = User.objects.get(email="anna@school.test")
    held = Mail.objects.get(user=anna).not_before
    correct_address(run=new_run, user=anna, address="anna.nagy@school.test", by=coordinator)
    mail = Mail.objects.get(user=anna)
    assert (mail.address, mail.not_before) == ("anna.nagy@school.test", held)
    undo(batch=batch, by=coordinator)
    assert everything() == before


def test_the_form_of_an_address_speaks_of_an_invitation_only_if_one_was_sent(
    uploaded, new_run, coordinator, as_
):
    actions.apply(batch=uploaded(), by=coordinator)
    anna = User.objects.get(email="anna@school.test")
    url, client = reverse("run_invitation_address", args=[new_run.pk, anna.pk]), as_(coordinator)
    assert "stops working" not in client.get(url).content.decode()
    Mail.objects.filter(user=anna).update(sent_at=clock.now())
    assert "stops working" in client.get(url).content.decode()


def test_undo_moves_the_end_back_and_leaves_the_month_of_the_others(uploaded, cast):
    last_day = dates.last_day(cast.month.opened_on, 1)
    Space.objects.update(closes_at=dates.closes_at(last_day, ZONE))
    batch = uploaded(run=cast.run)
    actions.apply(batch=batch, by=cast.coordinator)
    cast.space.refresh_from_db()
    assert cast.space.last_day > last_day
    undo(batch=batch, by=cast.coordinator)
    cast.space.refresh_from_db()
    assert cast.space.last_day == last_day
    assert Membership.objects.current().filter(space=cast.space, user=cast.participant).exists()
    assert cast.run.enrolments.filter(completed_at__isnull=False).count() == 2


def test_undo_restores_an_awaiting_membership(cast):
    until = Membership.objects.get(user=cast.awaiting).awaiting_until
    waiting = cast.run.enrolments.filter(completed_at=None)
    batch = actions.select_by_hand(
        run=cast.run, by=cast.coordinator, enrolments=waiting, completed_on=cast.run.ends_on
    )
    actions.apply(batch=batch, by=cast.coordinator)
    assert Membership.objects.get(user=cast.awaiting).awaiting_until is None
    admitted_at, entry_count = (
        Membership.objects.get(user=cast.awaiting).admitted_at,
        cast.space.room.entries.count(),
    )
    undo(batch=batch, by=cast.coordinator)
    membership = Membership.objects.current().get(user=cast.awaiting)
    assert (membership.awaiting_until, membership.admitted_at) == (until, admitted_at)
    assert cast.space.room.members.get(user=cast.awaiting).until == until
    assert cast.space.room.entries.count() == entry_count, "no entry says that they left"
    assert Enrolment.objects.get(user=cast.awaiting).completed_at is None


def test_undo_readmits_nobody_who_was_dismissed_meanwhile(cast):
    waiting = cast.run.enrolments.filter(completed_at=None)
    batch = actions.select_by_hand(
        run=cast.run, by=cast.coordinator, enrolments=waiting, completed_on=cast.run.ends_on
    )
    actions.apply(batch=batch, by=cast.coordinator)
    dismiss_member(space=cast.space, user=cast.awaiting, by=cast.coordinator)
    undo(batch=batch, by=cast.coordinator)
    assert not Membership.objects.current().filter(user=cast.awaiting).exists()


def test_undo_keeps_members_who_have_written_and_their_month(uploaded, new_run, known, coordinator):
    batch = actions.apply(batch=uploaded(GOOD + f"{known.email},Sara,,,\n"), by=coordinator)
    space = Month.objects.get(month_runs__run=new_run).space
    Thread.objects.create(space=space, author=known, title="I tried it", language="en")
    undone = undo(batch=batch, by=coordinator)
    assert undone.kept == 1
    assert [one.user for one in new_run.enrolments.all()] == [known]
    members = Membership.objects.current().filter(space=space, role=SpaceRole.PARTICIPANT)
    assert [one.user for one in members] == [known]


def test_undo_is_refused_when_ten_minutes_are_over(uploaded, coordinator):
    batch = actions.apply(batch=uploaded(), by=coordinator)
    with clock.at(batch.undo_until), pytest.raises(Refused):
        undo(batch=batch, by=coordinator)
    assert batch.entries.count() == 2


def test_undo_is_idempotent_and_an_undone_batch_is_not_applied_again(uploaded, coordinator):
    batch = actions.apply(batch=uploaded(), by=coordinator)
    undo(batch=batch, by=coordinator)
    undo(batch=batch, by=coordinator)
    with pytest.raises(Refused):
        actions.apply(batch=batch, by=coordinator)


def test_undo_holds_its_locks_for_25_people_at_a_time(uploaded, coordinator):
    batch = actions.apply(batch=uploaded(long_list(30)), by=coordinator, seconds=None)
    batch = undo(batch=batch, by=coordinator, seconds=0)
    assert batch.entries.count() == 5


def test_undo_does_not_delete_a_user_whom_another_group_has_enrolled_since(uploaded, cast):
    batch = actions.apply(batch=uploaded(), by=cast.coordinator)
    anna = User.objects.get(email="anna@school.test")
    Enrolment.objects.create(run=cast.run, user=anna)
    undo(batch=batch, by=cast.coordinator)
    assert User.objects.filter(pk=anna.pk).exists()
    assert not User.objects.filter(email="bela@school.test").exists()


def test_the_rows_before_one_that_fails_are_applied(uploaded, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_AFTER_FAILURE", 2)
    batch = actions.start(batch=uploaded(long_list(7)), by=coordinator)
    find = actions.find_or_create_users

    def fail_for_the_sixth(people, **options):
        if any(one.name == "Person 5" for one in people):
            raise ValueError("broken")
        return find(people, **options)

    monkeypatch.setattr(actions, "find_or_create_users", fail_for_the_sixth)
    with pytest.raises(ValueError, match="broken"):
        actions.process(batch.pk)
    batch.refresh_from_db()
    assert (batch.rows_done, batch.entries.count()) == (4, 4)
    assert Mail.objects.filter(kind="invitation").count() == 4


def test_a_slice_that_takes_too_long_is_halved_with_those_after_it(uploaded, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 8)
    monkeypatch.setattr(actions, "ROWS_AFTER_FAILURE", 2)
    batch = actions.start(batch=uploaded(long_list(7)), by=coordinator)
    find, sizes = actions.find_or_create_users, []

    def too_long_for_many(people, **options):
        sizes.append(len(people))
        if len(people) > 3:
            error = OperationalError("canceling statement due to statement timeout")
            error.__cause__ = type("QueryCanceled", (Exception,), {"sqlstate": "57014"})()
            raise error
        return find(people, **options)

    monkeypatch.setattr(actions, "find_or_create_users", too_long_for_many)
    assert actions.process(batch.pk) == 7
    assert sizes == [7, 4, 2, 2, 2, 1]


def test_a_slice_writes_the_rows_that_are_left_only_when_it_is_the_last(uploaded, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 3)
    batch = uploaded(long_list(4))
    with CaptureQueriesContext(connection) as captured:
        actions.apply(batch=batch, by=coordinator)
    written = [query["sql"] for query in captured if (query["sql"] or "").startswith("UPDATE")]
    assert len([sql for sql in written if '"content" = ' in sql]) == 1


def test_a_slice_that_fails_is_rolled_back(uploaded, coordinator, monkeypatch):
    batch = actions.start(batch=uploaded(), by=coordinator)
    before = everything()

    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(actions.months, "admit_completed", fail)
    with pytest.raises(RuntimeError):
        actions.process(batch.pk)
    assert everything() == before
    monkeypatch.undo()
    assert actions.process(batch.pk) == 2


@pytest.mark.parametrize("who", ["stranger", "participant", "other_coordinator", "evaluator", "moderator"])
def test_only_the_institute_and_the_trainers_record_completions(who, cast, uploaded):
    batch = uploaded()
    with pytest.raises(Refused):
        uploaded(by=getattr(cast, who))
    with pytest.raises(Refused):
        actions.apply(batch=batch, by=getattr(cast, who))


def test_a_trainer_completes_in_the_room_on_the_last_day_and_not_before(cast, new_run):
    enrolment = Enrolment.objects.create(run=new_run, user=cast.stranger)
    today = clock.today(ZONE)
    new_run.ends_on = today + dt.timedelta(days=1)
    new_run.save()
    with pytest.raises(Refused):
        actions.select_by_hand(run=new_run, by=cast.trainer, enrolments=[enrolment], completed_on=today)
    new_run.ends_on = today
    new_run.save()
    batch = actions.select_by_hand(run=new_run, by=cast.trainer, enrolments=[enrolment], completed_on=today)
    actions.apply(batch=batch, by=cast.trainer)
    assert Month.objects.get(month_runs__run=new_run).opened_by == Month.OpenedBy.ROOM
    undo(batch=batch, by=cast.trainer)
    assert not Month.objects.filter(month_runs__run=new_run).exists()


def test_the_office_records_and_undoes_completions(cast, uploaded, new_run):
    from community.institutes.models import Staff

    Staff.objects.create(institute=cast.institute, user=cast.stranger, role=Staff.Role.OFFICE)
    batch = actions.apply(batch=uploaded(by=cast.stranger), by=cast.stranger)
    undo(batch=batch, by=cast.stranger)
    assert not Month.objects.filter(month_runs__run=new_run).exists()


def test_undo_leaves_an_invitation_that_had_been_sent_for_something_else(uploaded, cast):
    anna = User.objects.create_user("Anna Nagy", "anna@school.test")
    earlier = invitations.invite(
        user=anna, address=anna.email, occasion="The staff", next_path="/desk/", by=cast.coordinator
    )
    Mail.objects.filter(user=anna).update(sent_at=clock.now())
    batch = actions.apply(batch=uploaded(), by=cast.coordinator)
    undo(batch=batch, by=cast.coordinator)
    assert Invitation.objects.get() == earlier
    assert Invitation.objects.get().is_open
    assert Invitation.objects.get().next_path == "/"
    assert not Mail.objects.filter(user=anna, sent_at=None).exists()


def test_undo_does_not_dismiss_a_trainer_who_was_on_the_list(uploaded, new_run, cast):
    batch = uploaded(GOOD + f"{cast.trainer.email},Tamara Trainer,,,\n")
    actions.apply(batch=batch, by=cast.coordinator)
    space = Month.objects.get(month_runs__run=new_run).space
    Thread.objects.create(space=space, author=cast.coordinator, title="Welcome", language="en")
    undo(batch=batch, by=cast.coordinator)
    assert Membership.objects.current().get(space=space, user=cast.trainer).role == SpaceRole.TRAINER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pasted", [False, True])
def test_a_list_is_read_outside_of_a_transaction(monkeypatch, uploaded, new_run, coordinator, pasted):
    name = "parse_pasted" if pasted else "parse"
    parse = getattr(actions, name)

    def watched(*given, **options):
        assert not connection.in_atomic_block, "nobody else could write meanwhile"
        return parse(*given, **options)

    monkeypatch.setattr(actions, name, watched)
    batch = actions.paste(run=new_run, by=coordinator, text=GOOD) if pasted else uploaded()
    assert batch.rows_total == 2


def test_whoever_may_not_complete_any_more_when_the_list_has_been_read_stores_nothing(
    monkeypatch, uploaded, new_run, trainer
):
    def slow(*given, **options):
        new_run.trainers.all().delete()
        return parser.parse(*given, **options)

    monkeypatch.setattr(actions, "parse", slow)
    with pytest.raises(Refused):
        uploaded(by=trainer)
    assert not new_run.batches.exists()
