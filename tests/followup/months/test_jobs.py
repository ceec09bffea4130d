"""What falls due in a month is done once, on its day, and skipped when it is no longer true."""

import datetime as dt
import logging
from typing import Any

import pytest

from common import clock
from common.access import SYSTEM
from community.institutes.models import Institute
from community.people.models import User
from community.spaces.actions import move_end
from community.spaces.models import Membership, Space
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.months import actions, jobs, mails
from followup.months.models import Extension, Month, Occasion
from messaging.notifications import mail_preferences
from messaging.notifications.models import Mail
from tests.cast import Cast, person

OPENED = dt.date(2026, 10, 21)
"""A Wednesday. The clocks go back on the 25th; the last day is 21 November."""


def moment(day: dt.date, hour: int = 8, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)


@pytest.fixture
def run(cast: Cast) -> Run:
    run = Run.objects.create(
        course=cast.course, starts_on=dt.date(2026, 10, 20), ends_on=dt.date(2026, 10, 20)
    )
    Enrolment.objects.create(run=run, user=person("Cili Completed"), completed_at=clock.now())
    Enrolment.objects.create(run=run, user=person("Vera Enrolled"))
    RunTrainer.objects.create(run=run, user=cast.trainer)
    Month.objects.all().delete()
    return run


def sweep() -> int:
    return jobs.sweep_openings() + jobs.sweep_occasions()


@pytest.fixture
def month(run: Run) -> Month:
    with clock.at(moment(OPENED, 5)):
        sweep()
    return Month.objects.get(month_runs__run=run)


def sweep_at(when: dt.datetime) -> int:
    with clock.at(when):
        return sweep()


def recipients_of(kind: str) -> list[str]:
    return sorted(Mail.objects.filter(kind=kind).values_list("user__name", flat=True))


def test_a_month_opens_by_itself_on_the_day_after_the_last_day_by_the_institutes_clock(run: Run) -> None:
    sweep_at(moment(dt.date(2026, 10, 20), 21, 59))
    assert not Month.objects.filter(month_runs__run=run).exists()
    sweep_at(moment(dt.date(2026, 10, 20), 22, 0))
    month = Month.objects.get(month_runs__run=run)
    assert (month.opened_on, month.opened_by) == (OPENED, Month.OpenedBy.DATE)
    assert month.space.last_day == dt.date(2026, 11, 21)


def test_it_does_not_for_a_group_that_is_completed_empty_or_long_over(cast: Cast, run: Run) -> None:
    day = dt.date(2026, 10, 20)
    Run.objects.create(course=cast.course, starts_on=day, ends_on=day)
    Run.objects.filter(pk=run.pk).update(completed_at=clock.now())
    old = Run.objects.create(
        course=cast.course, starts_on=day - dt.timedelta(days=90), ends_on=day - dt.timedelta(days=90)
    )
    Enrolment.objects.create(run=old, user=cast.stranger)
    sweep_at(moment(OPENED))
    assert not Month.objects.exists()


def test_a_run_whose_month_cannot_open_does_not_delay_the_others(
    cast: Cast, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    second = Run.objects.create(course=cast.course, starts_on=run.ends_on, ends_on=run.ends_on)
    Enrolment.objects.create(run=second, user=cast.stranger)
    opens = actions.open_month

    def fails_once(**arguments: Any) -> Month:
        if arguments["run"] == run:
            raise RuntimeError("broken")
        return opens(**arguments)

    monkeypatch.setattr(actions, "open_month", fails_once)
    with caplog.at_level(logging.CRITICAL):
        sweep_at(moment(OPENED))
    assert list(Month.objects.values_list("month_runs__run", flat=True)) == [second.pk]


def test_an_institute_with_an_unknown_time_zone_does_not_delay_the_others(
    cast: Cast, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    lost = Institute.objects.create(name="Lost", slug="lost", country="HU", time_zone="Europe/Atlantis")
    course = Course.objects.create(institute=lost, title="Lost", slug="lost", language="en")
    second = Run.objects.create(course=course, starts_on=run.starts_on, ends_on=run.ends_on)
    Enrolment.objects.create(run=second, user=cast.stranger)
    with caplog.at_level(logging.CRITICAL):
        sweep_at(moment(OPENED))
    assert list(Month.objects.values_list("month_runs__run", flat=True)) == [run.pk]


def test_the_mails_of_a_month_are_posted_once_on_their_days(month: Month) -> None:
    vera = "Vera Enrolled"
    for day in range(40):
        for hour in (3, 7, 22):
            sweep_at(moment(OPENED + dt.timedelta(days=day), hour))
    assert recipients_of("month-opened") == ["Cili Completed", "Tamara Trainer", vera]
    assert recipients_of("month-prompt") == ["Cili Completed"] * 3 + [vera] * 2
    assert recipients_of("month-awaiting") == [vera]
    assert recipients_of("month-not-confirmed") == [vera]
    assert recipients_of("month-closing") == ["Cili Completed"] * 2 + ["Tamara Trainer"] * 2
    assert recipients_of("month-closed") == ["Cili Completed", "Tamara Trainer"]
    assert not Occasion.objects.filter(done_at=None).exists()


@pytest.mark.parametrize(
    ("kind", "on", "hour"),
    [
        ("month-prompt", dt.date(2026, 10, 28), 6),  # after the clocks went back, seven is six in UTC
        ("month-awaiting", dt.date(2026, 10, 28), 6),
        ("month-not-confirmed", dt.date(2026, 11, 4), 23),
        ("month-closing", dt.date(2026, 11, 14), 6),
        ("month-closed", dt.date(2026, 11, 21), 23),
    ],
)
def test_each_occasion_is_done_at_its_time_and_not_before(
    month: Month, kind: str, on: dt.date, hour: int
) -> None:
    at = moment(on, hour)
    sweep_at(at - dt.timedelta(minutes=1))
    assert recipients_of(kind) == []
    sweep_at(at)
    assert recipients_of(kind) != []


def test_the_mail_that_it_is_closed_is_sent_in_the_morning(month: Month) -> None:
    sweep_at(moment(dt.date(2026, 11, 21), 23, 30))
    assert {mail.not_before for mail in Mail.objects.filter(kind="month-closed")} == {
        moment(dt.date(2026, 11, 22), 6)
    }


def test_after_a_pause_the_jobs_send_only_the_newest_prompt(month: Month) -> None:
    sweep_at(moment(dt.date(2026, 11, 13)))
    letters = Mail.objects.filter(kind="month-prompt")
    assert [letter.subject for letter in letters] == ["This week: Look back"]


def test_a_prompt_more_than_a_week_old_is_not_sent(month: Month) -> None:
    move_end(space=month.space, closes_at=moment(dt.date(2027, 3, 1)))
    sweep_at(moment(dt.date(2026, 11, 13)))
    assert recipients_of("month-prompt") != []
    Occasion.objects.filter(kind=Occasion.Kind.PROMPT).update(done_at=None)
    Mail.objects.all().delete()
    sweep_at(moment(dt.date(2026, 11, 19)))
    assert recipients_of("month-prompt") == []


def test_jobs_that_were_down_until_the_end_announce_the_end_only(month: Month) -> None:
    sweep_at(moment(dt.date(2027, 1, 10)))
    assert recipients_of("month-prompt") == recipients_of("month-closing") == []
    assert recipients_of("month-closed") == ["Cili Completed", "Tamara Trainer"]


def test_members_who_read_along_are_notified_of_the_end_but_not_of_prompts(month: Month) -> None:
    Membership.objects.filter(space=month.space).update(reads_along=True)
    for day in range(40):
        sweep_at(moment(OPENED + dt.timedelta(days=day)))
    assert recipients_of("month-prompt") == []
    assert "Cili Completed" in recipients_of("month-closing")


def test_who_has_not_joined_or_is_suspended_or_has_no_address_gets_no_mails(month: Month) -> None:
    cili = Membership.objects.get(space=month.space, user__name="Cili Completed").user
    for change in ({"joined_at": None}, {"suspended_at": clock.now()}, {"email": ""}):
        Mail.objects.all().delete()
        Occasion.objects.update(done_at=None)
        before = {name: getattr(cili, name) for name in change}
        type(cili).objects.filter(pk=cili.pk).update(**change)
        sweep_at(moment(dt.date(2026, 10, 29)))
        assert "Cili Completed" not in recipients_of("month-prompt"), change
        type(cili).objects.filter(pk=cili.pk).update(**before)


def test_who_is_not_confirmed_loses_access_and_what_they_wrote_stays(month: Month) -> None:
    vera = Membership.objects.get(space=month.space, user__name="Vera Enrolled").user
    thread = month.space.threads.create(author=vera, title="Hello", language="en")
    with clock.at(moment(dt.date(2026, 11, 4), 23)):
        assert not Space.objects.visible_to(vera).filter(pk=month.space_id).exists()
        sweep()
    assert Membership.objects.get(space=month.space, user=vera).dismissed_at is not None
    thread.refresh_from_db()
    assert (thread.author, thread.withdrawn_at) == (vera, None)


def test_who_was_confirmed_in_time_gets_no_notice(month: Month) -> None:
    vera = Membership.objects.get(space=month.space, user__name="Vera Enrolled").user
    with clock.at(moment(dt.date(2026, 10, 27))):
        actions.admit_completed(month=month, users=[vera], by=SYSTEM)
    for day in range(6, 20):
        sweep_at(moment(OPENED + dt.timedelta(days=day)))
    assert recipients_of("month-awaiting") == recipients_of("month-not-confirmed") == []


def test_a_moved_end_is_warned_of_again(month: Month, cast: Cast) -> None:
    for day in range(26):
        sweep_at(moment(OPENED + dt.timedelta(days=day)))
    assert recipients_of("month-closing").count("Cili Completed") == 1
    # What has not been sent would be withdrawn.
    Mail.objects.update(sent_at=clock.now())
    with clock.at(moment(dt.date(2026, 11, 16))):
        actions.extend(
            month=month, last_day=dt.date(2026, 12, 10), reason="More", stays=False, by=cast.trainer
        )
    for day in range(26, 60):
        sweep_at(moment(OPENED + dt.timedelta(days=day)))
    assert recipients_of("month-closing").count("Cili Completed") == 3
    assert recipients_of("month-closed").count("Cili Completed") == 1
    assert Extension.objects.count() == 1


def test_a_failing_occasion_is_retried_and_delays_no_other(
    month: Month, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL):
        patch.setattr(mails, "post_prompt", broken)
        sweep_at(moment(dt.date(2026, 10, 28)))
    assert recipients_of("month-prompt") == []
    assert recipients_of("month-awaiting") == ["Vera Enrolled"]
    sweep_at(moment(dt.date(2026, 10, 28), 9))
    assert "Cili Completed" in recipients_of("month-prompt")


def test_a_failing_occasion_waits_longer_each_time(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def broken(*args: object) -> None:
        attempts.append(clock.now())
        raise RuntimeError("broken")

    monkeypatch.setattr(mails, "post_prompt", broken)
    due_at = moment(dt.date(2026, 10, 28))
    for minutes in (0, 0.5, 1.5, 2, 7, 8):
        sweep_at(due_at + dt.timedelta(minutes=minutes))
    assert [(when - due_at).total_seconds() / 60 for when in attempts] == [0, 1.5, 7]


def test_mails_that_are_true_for_a_time_only_expire(month: Month) -> None:
    prompts_due = month.occasions.filter(kind=Occasion.Kind.PROMPT).values_list("due_at", flat=True)
    awaiting = Membership.objects.filter(space=month.space, user__name="Vera Enrolled")
    expiries = {
        "month-prompt": {due_at + dt.timedelta(days=7) for due_at in prompts_due},
        "month-closing": {month.space.closes_at},
        "month-awaiting": {awaiting.get().awaiting_until},
        "month-closed": {None},
    }
    for day in range(40):
        sweep_at(moment(OPENED + dt.timedelta(days=day)))
    for kind, moments in expiries.items():
        assert set(Mail.objects.filter(kind=kind).values_list("expires_at", flat=True)) == moments, kind


def test_the_warning_says_the_last_day_and_where_to_go(month: Month) -> None:
    sweep_at(moment(dt.date(2026, 11, 14)))
    letter = Mail.objects.get(kind="month-closing", user__name="Cili Completed")
    assert "21 November" in letter.text
    assert f"/spaces/{month.space_id}/" in letter.text


def test_who_unsubscribed_from_the_space_gets_no_prompt_but_is_notified_of_the_end(month: Month) -> None:
    cili = User.objects.get(name="Cili Completed")
    mail_preferences.set_frequency(user=cili, scope=month.space.scope, frequency="never")
    sweep_at(moment(dt.date(2026, 10, 28)))
    assert "Cili Completed" not in recipients_of("month-prompt")
    assert Mail.objects.filter(kind="month-prompt").exists()
    assert set(Mail.objects.filter(kind="month-prompt").values_list("stop_scope", flat=True)) == {
        month.space.scope
    }
    sweep_at(moment(dt.date(2026, 11, 14)))
    assert "Cili Completed" in recipients_of("month-closing")
