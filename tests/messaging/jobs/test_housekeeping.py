"""What has served its purpose is deleted after a stated time, and nothing that is younger or still needed."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile

from common import clock
from followup.materials.models import Material
from messaging.files import housekeeping as files
from messaging.files.actions import store_upload
from messaging.files.models import File
from messaging.jobs import due, housekeeping, loop
from messaging.jobs.models import Failure, SweepStatus
from messaging.live import streams
from messaging.live.models import Revocation
from messaging.notifications import bell
from messaging.notifications import housekeeping as notifications
from messaging.notifications.models import Bell, BellEntry, Mail, Notification
from messaging.notifications.person_stream import PersonLog
from tests.written import ask, reply_to

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def uploads(tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(files, "_resume_after_file", {})
    monkeypatch.setattr(files, "_resume_after_folder", "")
    return tmp_path


@pytest.fixture
def rules(monkeypatch):
    """`rules(name=rule)` has only these rules."""
    monkeypatch.setattr(housekeeping, "_rules", {})
    monkeypatch.setattr(housekeeping, "_last_rule", "")

    def replace(**some):
        for name, rule in some.items():
            housekeeping.register_rule(name, rule)

    return replace


def mail(key, **more):
    about = {"kind": "x", "address": "a@school.test", "subject": "Words", "text": "Words", "html": "Words"}
    return Mail.objects.create(key=key, **(about | more))


def with_text():
    return set(Mail.objects.exclude(subject="", text="", html="").values_list("key", flat=True))


def test_the_operations_page_states_every_rule():
    page = (Path(settings.BASE_DIR) / "docs/operations.md").read_text()
    table = page.partition("## How long things are kept")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", table, re.M)) == set(housekeeping.registered())


def test_it_runs_once_an_hour_and_holds_up_no_other_sweep():
    assert "housekeeping" in loop.registered()
    assert loop._sweeps["housekeeping"].every == dt.timedelta(hours=1)
    assert loop._sweeps["housekeeping"].thread != loop.MAIN


def test_a_rule_deletes_in_batches_until_nothing_is_left(rules):
    left = [2 * housekeeping.ROWS_PER_BATCH + 1]

    def rule(size):
        deleted = min(size, left[0])
        left[0] -= deleted
        return deleted

    rules(some=rule)
    assert housekeeping.sweep() == 2 * housekeeping.ROWS_PER_BATCH + 1


def test_a_rule_that_fails_is_seen_and_does_not_hold_up_the_others(rules):
    def fail(size):
        raise RuntimeError

    rules(broken=fail, good=lambda size: 1)
    assert housekeeping.sweep() == 1
    assert Failure.objects.get().kind == "broken"
    rules(broken=lambda size: 0)
    housekeeping.sweep()
    assert not Failure.objects.exists()


def test_what_does_not_fit_into_the_time_box_is_left_to_the_next_round(rules, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(due, "monotonic", lambda: now[0])
    calls = []

    def slow(size):
        calls.append(1)
        now[0] += 15
        return size

    rules(some=slow, other=slow)
    with due.time_box(20):
        housekeeping.sweep()
    assert len(calls) == 2


def test_a_slow_rule_does_not_starve_the_later_ones(rules, monkeypatch):
    now, calls = [0.0], []
    monkeypatch.setattr(due, "monotonic", lambda: now[0])

    def rule(name, seconds):
        def apply(size):
            calls.append(name)
            now[0] += seconds
            return 0

        return apply

    rules(first=rule("first", 1), slow=rule("slow", 30), last=rule("last", 1))
    due.note_failure("last", 0, RuntimeError())
    with due.time_box(20):
        housekeeping.sweep()
    assert calls == ["first", "slow"]
    assert Failure.objects.exists(), "a rule that was not reached has not succeeded"
    with due.time_box(20):
        housekeeping.sweep()
    assert calls == ["first", "slow", "last", "first", "slow"]


@pytest.mark.parametrize("rule", [files.delete_files, files.delete_blobs])
def test_the_rules_of_files_end_when_they_are_out_of_time(cast, uploads, rule):
    uploaded(cast, removed_at=clock.now() - 91 * DAY)
    File.objects.filter(pk=uploaded(cast).pk).delete()
    with clock.at(clock.now() + 2 * DAY), due.time_box(0):
        assert rule(10) == 0
    with clock.at(clock.now() + 2 * DAY):
        assert rule(10) == 1


@pytest.mark.parametrize("rule", [files.delete_files, files.delete_blobs])
def test_the_rules_of_files_go_on_where_they_ran_out_of_time(cast, uploads, monkeypatch, rule):
    now = [0.0]
    monkeypatch.setattr(due, "monotonic", lambda: now[0])
    monkeypatch.setattr(files, "FILES_PER_QUERY", 1)

    def slow(read, seconds=15):
        return lambda *what: now.__setitem__(0, now[0] + seconds) or read(*what)

    monkeypatch.setattr(files.default_storage, "listdir", slow(files.default_storage.listdir))
    monkeypatch.setitem(files._still_needed, "material", slow(files._still_needed["material"]))
    for _ in range(4):
        uploaded(cast)
    gone = uploaded(cast, removed_at=clock.now() - 91 * DAY)
    orphan = uploaded(cast)
    Path(orphan.blob.path).rename(uploads / "orphan")
    (uploads / files.FOLDER / "zz").mkdir()
    (uploads / "orphan").rename(uploads / files.FOLDER / "zz" / "orphan")
    with clock.at(clock.now() + 2 * DAY):
        runs = []
        while sum(runs) == 0 and len(runs) < 10:
            with due.time_box(20):
                runs.append(rule(10))
    assert sum(runs) == 1
    assert len(runs) > 1
    assert File.objects.filter(pk=gone.pk).exists() is (rule is files.delete_blobs)


def test_secrets_are_deleted_once_the_mail_is_sent_or_can_no_longer_be(settings):
    settings.MAIL_KEEPS_SECRETS = False
    now = clock.now()
    secret = {"has_secret": True}
    mail("sent", sent_at=now, **secret)
    mail("expired", given_up_at=now, give_up_reason=Mail.GiveUpReason.EXPIRED, **secret)
    mail("refused", given_up_at=now, **secret)
    mail("waiting", **secret)
    mail("no secret", sent_at=now)
    assert notifications.delete_secrets(10) == 3
    assert with_text() == {"waiting", "no secret"}
    assert notifications.delete_secrets(10) == 0


def test_the_demo_keeps_its_codes_because_it_shows_them(settings):
    settings.MAIL_KEEPS_SECRETS = True
    mail("sent", sent_at=clock.now(), has_secret=True)
    assert notifications.delete_secrets(10) == 0


def test_mails_to_addresses_that_are_nobodys_are_deleted_after_thirty_days(participant):
    now = clock.now()
    mail("gone", sent_at=now - 30 * DAY - SECOND)
    mail("gone, given up", given_up_at=now - 30 * DAY - SECOND)
    mail("young", sent_at=now - 30 * DAY + DAY)
    mail("waiting", created_at=now - 500 * DAY)
    mail("of somebody", sent_at=now - 30 * DAY - SECOND, user=participant)
    assert notifications.delete_mails(10) == 2
    assert set(Mail.objects.values_list("key", flat=True)) == {"young", "waiting", "of somebody"}


def test_texts_of_mails_are_deleted_after_thirty_days_and_mails_after_four_hundred(participant):
    now = clock.now()
    mine = {"user": participant}
    mail("text gone", sent_at=now - 30 * DAY - SECOND, **mine)
    mail("text gone, given up", given_up_at=now - 30 * DAY - SECOND, **mine)
    mail("young", sent_at=now - 30 * DAY + DAY, **mine)
    mail("waiting", created_at=now - 500 * DAY)
    mail("gone", sent_at=now - 400 * DAY - SECOND, text="", **mine)
    assert notifications.delete_mail_texts(10) == 2
    assert with_text() == {"young", "waiting", "gone"}
    assert notifications.delete_mails(10) == 1
    assert not Mail.objects.filter(key="gone").exists()
    assert Mail.objects.count() == 4


def test_notifications_are_deleted_ninety_days_after_they_were_seen_or_withdrawn(participant):
    now = clock.now()

    def told(key, **more):
        return Notification.objects.create(user=participant, key=key, kind="reply", thing_id=1, **more)

    told("seen", seen_at=now - 90 * DAY - SECOND)
    told("withdrawn", withdrawn_at=now - 90 * DAY - SECOND)
    told("nobody saw it", created_at=now - 400 * DAY - SECOND)
    told("seen lately", seen_at=now - 89 * DAY, created_at=now - 399 * DAY)
    told("unseen", created_at=now - 399 * DAY)
    assert notifications.delete_notifications(10) == 3
    assert set(Notification.objects.values_list("key", flat=True)) == {"seen lately", "unseen"}


def test_of_each_bell_the_newest_entries_are_kept_without_gaps(cast, monkeypatch):
    monkeypatch.setattr(notifications, "BELL_ENTRIES_KEPT", 3)
    thread = ask(cast.space, cast.participant)
    for _ in range(5):
        reply_to(thread, cast.trainer)
    log = Bell.objects.get(user=cast.participant)
    assert log.last_number == 5
    assert notifications.delete_bell_entries(10) == 2
    # The notification of an entry may go, the entry stays: its number must not be missing.
    Notification.objects.filter(user=cast.participant).delete()
    assert list(log.entries.order_by("number").values_list("number", flat=True)) == [3, 4, 5]
    assert [entry["n"] for entry in PersonLog().after(cast.participant.pk, 2, streams.ENTRIES_PER_PAGE)] == [
        3,
        4,
        5,
    ]
    assert BellEntry.objects.exclude(bell=log).count() == 1, "the trainer's"
    assert bell.unseen_count(cast.participant) == 0


def test_a_whole_page_of_a_bell_is_kept():
    assert notifications.BELL_ENTRIES_KEPT >= streams.ENTRIES_PER_PAGE


def test_sessions_that_have_ended_are_deleted(client, cast, as_):
    as_(cast.participant)
    as_(cast.trainer)
    Session.objects.filter(pk=Session.objects.first().pk).update(expire_date=clock.now() - SECOND)
    before = Session.objects.count()
    assert housekeeping._delete_ended_sessions(10) == 1
    assert Session.objects.count() == before - 1


def test_failures_that_are_not_due_any_more_are_deleted():
    now = clock.now()
    about = {"kind": "months", "error": "RuntimeError"}
    Failure.objects.create(row_id=1, next_attempt_at=now - 7 * DAY - SECOND, **about)
    Failure.objects.create(row_id=2, next_attempt_at=now - 6 * DAY, **about)
    assert housekeeping._delete_stale_failures(10) == 1
    assert Failure.objects.get().row_id == 2


def test_old_revocations_are_deleted():
    Revocation.objects.create(person=1, at=clock.now() - DAY)
    Revocation.objects.create(person=2)
    assert housekeeping._rules["revocations"](10) == 1
    assert Revocation.objects.get().person == 2


def uploaded(cast, **more):
    material = Material.objects.create(run=cast.run, title="Sheet", **more)
    upload = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7")
    return store_upload(kind="material", thing_id=material.pk, upload=upload, by=cast.trainer)


def test_the_files_of_materials_removed_long_ago_are_deleted_with_their_bytes(cast, uploads):
    now = clock.now()
    gone = uploaded(cast, removed_at=now - 90 * DAY - SECOND)
    without_material = uploaded(cast)
    Material.objects.filter(pk=without_material.thing_id).delete()
    kept = [uploaded(cast), uploaded(cast, removed_at=now - 89 * DAY)]
    of_nobody = uploaded(cast)
    File.objects.filter(pk=of_nobody.pk).update(kind="unheard-of")
    assert files.delete_files(10) == 2
    assert set(File.objects.all()) == {*kept, of_nobody}
    assert [Path(each.blob.path).exists() for each in (gone, without_material, *kept)] == [
        False,
        False,
        True,
        True,
    ]


def test_files_are_deleted_at_most_as_many_as_asked(cast, uploads, monkeypatch):
    monkeypatch.setattr(files, "FILES_PER_QUERY", 2)
    for _ in range(3):
        uploaded(cast, removed_at=clock.now() - 91 * DAY)
        uploaded(cast)
    assert files.delete_files(2) == 2
    assert files.delete_files(2) == 1
    assert File.objects.count() == 3


def test_bytes_without_a_row_are_deleted_a_day_later(cast, uploads):
    kept, orphan = uploaded(cast), uploaded(cast)
    File.objects.filter(pk=orphan.pk).delete()
    assert files.delete_blobs(10) == 0, "its transaction may still be open"
    with clock.at(clock.now() + DAY + SECOND):
        assert files.delete_blobs(10) == 1
    assert Path(kept.blob.path).exists()
    assert not Path(orphan.blob.path).exists()


def test_without_any_upload_there_is_nothing_to_delete(uploads):
    assert files.delete_blobs(10) == 0


def test_the_whole_sweep_runs_on_an_installation_with_everything_in_it(cast, uploads):
    uploaded(cast)
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    mail("sent", sent_at=clock.now())
    assert housekeeping.sweep() == 0
    assert not Failure.objects.exists()
    assert not SweepStatus.objects.exists()
