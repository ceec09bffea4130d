"""Opening a month: who may, who is admitted, and that it is idempotent."""

import datetime as dt
from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.access import SYSTEM, Refused
from community.people.models import User
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from followup.courses.models import Enrolment, Run, RunTrainer, WeeklyPrompt
from followup.months import actions
from followup.months.models import Month, MonthPrompt, Occasion
from messaging.notifications import bell
from messaging.notifications.models import Bell, Mail
from tests.cast import ZONE, Cast, join, person

How = Month.OpenedBy


@pytest.fixture
def new_run(cast: Cast) -> Run:
    """A group that ended today: one completed it, one did not, and the trainer is there."""
    today = clock.today(ZONE)
    run = Run.objects.create(course=cast.course, starts_on=today, ends_on=today)
    Enrolment.objects.create(run=run, user=person("Cili Completed"), completed_at=clock.now())
    Enrolment.objects.create(run=run, user=person("Vera Enrolled"))
    RunTrainer.objects.create(run=run, user=cast.trainer)
    return run


def members(month: Month) -> dict[str, str]:
    here = Membership.objects.current().filter(space=month.space).select_related("user")
    return {one.user.name: f"{one.role}{' awaiting' if one.is_awaiting else ''}" for one in here}


def test_who_completed_takes_part_the_trainer_trains_and_the_coordinator_who_opens_is_in(
    cast: Cast, new_run: Run
) -> None:
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    assert members(month) == {
        "Cili Completed": "participant",
        "Tamara Trainer": "trainer",
        "Cora Coordinator": "coordinator",
    }
    assert month.space.title == cast.course.title


def test_opened_by_date_the_enrolled_come_in_as_awaiting(cast: Cast, new_run: Run) -> None:
    month = actions.open_month(run=new_run, how=How.DATE, by=SYSTEM)
    assert members(month)["Vera Enrolled"] == "participant awaiting"
    kinds = set(month.occasions.values_list("kind", flat=True))
    assert {Occasion.Kind.CONFIRM_NOTICE, Occasion.Kind.CONFIRM_OVER} <= kinds


def test_who_was_awaiting_and_is_confirmed_takes_part_and_the_end_stays(cast: Cast, new_run: Run) -> None:
    with clock.at(clock.now() - dt.timedelta(days=10)):
        month = actions.open_month(run=new_run, how=How.DATE, by=SYSTEM)
    end = month.space.closes_at
    vera = Enrolment.objects.get(run=new_run, user__name="Vera Enrolled").user
    assert actions.admit_completed(month=month, users=[vera], by=cast.coordinator) == []
    assert members(month)["Vera Enrolled"] == "participant"
    assert Space.objects.get(pk=month.space_id).closes_at == end


def test_who_is_confirmed_after_the_fourteen_days_has_a_whole_month_from_then(
    cast: Cast, new_run: Run
) -> None:
    with clock.at(clock.now() - dt.timedelta(days=20)):
        month = actions.open_month(run=new_run, how=How.DATE, by=SYSTEM)
    vera = Enrolment.objects.get(run=new_run, user__name="Vera Enrolled").user
    assert "Vera Enrolled" not in members(month)
    preview = actions.end_after(month, clock.today(ZONE))
    assert actions.admit_completed(month=month, users=[vera], by=SYSTEM) == [vera]
    space = Space.objects.get(pk=month.space_id)
    assert space.last_day == preview > month.space.last_day
    assert Membership.objects.get(space=space, user=vera).awaiting_until is None


def test_opening_again_changes_nothing(cast: Cast, new_run: Run) -> None:
    def state() -> list[object]:
        models = (Month, Space, Membership, MonthPrompt, Occasion, Mail)
        return [list(model.objects.order_by("pk").values()) for model in models]

    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    before = state()
    assert actions.open_month(run=new_run, how=How.DATE, by=SYSTEM) == month
    actions.admit_completed(month=month, users=[cast.trainer], by=SYSTEM)
    assert state() == before


def test_a_stranger_cannot_open(cast: Cast, new_run: Run) -> None:
    for user in (cast.stranger, cast.participant, cast.other_coordinator, cast.evaluator):
        with pytest.raises(Refused):
            actions.open_month(run=new_run, how=How.COORDINATOR, by=user)


def test_one_space_serves_several_groups_of_a_course_and_gives_the_late_ones_their_month(
    cast: Cast, new_run: Run
) -> None:
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator, into=cast.month)
    assert month == cast.month
    assert {"Cili Completed", "Petra Participant"} <= set(members(month))
    today = clock.today(ZONE)
    assert Space.objects.get(pk=month.space_id).last_day == actions.dates.last_day(today, 1)


def test_a_space_serves_one_course_only(cast: Cast, new_run: Run) -> None:
    other = cast.course
    other.pk, other.slug = None, "another"
    other.save()
    new_run.course = other
    new_run.save()
    with pytest.raises(Refused, match="same course"):
        actions.open_month(run=new_run, how=How.DATE, by=SYSTEM, into=cast.month)


def test_prompts_are_the_courses_own_or_the_four_in_its_language(cast: Cast, new_run: Run) -> None:
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    assert [prompt.step for prompt in month.prompts.all()] == ["tried", "shared", "passed-on", "looked-back"]
    assert month.prompts.get(position=0).title == "Try one thing"
    other_run = Run.objects.create(course=cast.course, starts_on=new_run.ends_on, ends_on=new_run.ends_on)
    for position, title in enumerate(["First", "Second", "Third"], 1):
        WeeklyPrompt.objects.create(course=cast.course, position=position, title=title, text="Do.")
    month = actions.open_month(run=other_run, how=How.COORDINATOR, by=cast.coordinator)
    assert [prompt.title for prompt in month.prompts.all()] == ["First", "Second", "Third"]


def test_a_course_may_ask_for_half_a_year(cast: Cast, new_run: Run) -> None:
    cast.course.follow_up_months = 6
    cast.course.save()
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    assert month.space.last_day == actions.dates.add_months(clock.today(ZONE), 6)


def test_each_is_notified_once_and_the_mail_can_wait_for_the_undo(cast: Cast, new_run: Run) -> None:
    later = clock.now() + dt.timedelta(minutes=10)
    month = actions.open_month(run=new_run, how=How.IMPORT, by=cast.coordinator, not_before=later)
    mails = Mail.objects.filter(kind="month-opened")
    assert set(mails.values_list("user__name", flat=True)) == {"Cili Completed", "Tamara Trainer"}
    assert {mail.not_before for mail in mails} == {later}
    letter = mails.get(user__name="Cili Completed")
    assert cast.course.title in letter.subject
    assert "This week: Try one thing" in letter.text
    assert f"/spaces/{month.space_id}/" in letter.text


def test_who_has_not_joined_yet_gets_the_invitation_instead(cast: Cast, new_run: Run) -> None:
    cili = Enrolment.objects.get(run=new_run, user__name="Cili Completed").user
    cili.joined_at = None
    cili.save()
    month = actions.open_month(run=new_run, how=How.IMPORT, by=cast.coordinator)
    assert cili.invitations.get().next_path == f"/spaces/{month.space_id}/"
    assert not Mail.objects.filter(kind="month-opened", user=cili).exists()


def test_undoing_admissions_withdraws_mails_and_moves_the_end_back(cast: Cast) -> None:
    end, late = cast.space.last_day, person("Lara Late")
    actions.admit_completed(month=cast.month, users=[late], by=cast.coordinator)
    assert Space.objects.get(pk=cast.space.pk).last_day > end
    assert Mail.objects.filter(user=late).exists()
    actions.undo_admissions(month=cast.month, users=[late])
    assert Space.objects.get(pk=cast.space.pk).last_day <= end
    assert not Mail.objects.filter(user=late).exists()
    assert "Lara Late" not in members(cast.month)


def test_who_comes_late_is_mailed_the_end_that_moved_for_them(cast: Cast) -> None:
    end, late = cast.space.last_day, person("Lara Late")
    actions.admit_completed(month=cast.month, users=[late], by=cast.coordinator)
    moved = Space.objects.get(pk=cast.space.pk).last_day
    letter = Mail.objects.get(user=late, kind="month-opened").text
    assert moved > end
    assert f"{moved.day} {moved:%B}" in letter
    assert f"{end.day} {end:%B}" not in letter


def test_the_bells_of_all_who_are_admitted_are_locked_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited, new, back = person("Wanda Waited"), person("Nina New"), person("Bela Back")
    membership = join(cast.space, waited)
    Membership.objects.filter(pk=membership.pk).update(awaiting_until=clock.now() - dt.timedelta(days=1))
    actions.admit_completed(month=cast.month, users=[back], by=cast.coordinator)
    spaces.dismiss(space=cast.space, user=back, by=SYSTEM)
    locked: list[set[int]] = []
    lock = bell._lock

    def noted(people: Collection[int], also: Collection[int] = ()) -> list[Bell]:
        locked.append({*people, *also})
        return lock(people, also)

    monkeypatch.setattr(bell, "_lock", noted)
    people = [waited, new, back]
    assert actions.admit_completed(month=cast.month, users=people, by=cast.coordinator) == people
    assert locked[0] == {user.pk for user in people}


def test_opening_by_date_costs_as_many_statements_for_thirty_as_for_five(cast: Cast) -> None:
    def statements(count: int) -> int:
        today = clock.today(ZONE)
        run = Run.objects.create(course=cast.course, starts_on=today, ends_on=today)
        for number in range(count):
            guest = User.objects.create_user(
                f"Guest {number}",
                f"guest{count}.{number}@school.test",
                joined_at=clock.now() if number % 2 else None,
            )
            Enrolment.objects.create(run=run, user=guest)
        with CaptureQueriesContext(connection) as captured:
            actions.open_month(run=run, how=How.DATE, by=SYSTEM)
        return len(captured)

    statements(4)
    # SQLite takes a thousand values in a statement.
    assert statements(30) <= statements(5) + 2


def test_an_opening_by_mistake_can_be_undone_until_somebody_writes(cast: Cast, new_run: Run) -> None:
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    assert actions.undo_opening(month=month, by=cast.coordinator)
    assert not Space.objects.filter(pk=month.space_id).exists()
    assert not Mail.objects.filter(kind="month-opened").exists()
    month = actions.open_month(run=new_run, how=How.COORDINATOR, by=cast.coordinator)
    month.space.threads.create(author=cast.trainer, title="Welcome", language="en")
    assert not actions.undo_opening(month=month, by=cast.coordinator)
    assert Month.objects.filter(pk=month.pk).exists()


def test_who_was_dismissed_and_is_confirmed_later_is_notified_again(cast: Cast, new_run: Run) -> None:
    month = actions.open_month(run=new_run, how=How.DATE, by=SYSTEM)
    vera = new_run.enrolments.get(user__name="Vera Enrolled").user
    letters = Mail.objects.filter(kind="month-opened", user=vera)
    assert letters.count() == 1
    with clock.at(clock.now() + dt.timedelta(days=20)):
        actions.admit_completed(month=month, users=[vera], by=cast.coordinator)
        actions.admit_completed(month=month, users=[vera], by=cast.coordinator)
    assert letters.count() == 2


def test_who_is_confirmed_at_the_last_moment_is_not_dismissed(
    cast: Cast, new_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(clock.now() - dt.timedelta(days=20)):
        month = actions.open_month(run=new_run, how=How.DATE, by=SYSTEM)
    vera = new_run.enrolments.get(user__name="Vera Enrolled").user
    lock = actions.lock_month

    def lock_after_the_coordinator(held: Month) -> Month:
        monkeypatch.setattr(actions, "lock_month", lock)
        actions.admit_completed(month=held, users=[vera], by=cast.coordinator)
        return lock(held)

    monkeypatch.setattr(actions, "lock_month", lock_after_the_coordinator)
    assert actions.end_awaiting(month=month) == []
    assert members(month)["Vera Enrolled"] == "participant"


@pytest.mark.parametrize("way", ["deleted", "never confirmed"])
def test_many_are_dismissed_in_the_order_in_which_bells_are_locked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    people = [person(f"Leaver {number}") for number in range(4)]
    late = clock.now() - dt.timedelta(days=1) if way == "never confirmed" else None
    for user in reversed(people):
        join(cast.space, user, awaiting_until=late)
    left: list[int] = []
    monkeypatch.setattr(actions.spaces, "dismiss", lambda *, user, **_more: left.append(user.pk))
    if way == "deleted":
        actions.undo_admissions(month=cast.month, users=people[::-1])
    else:
        actions.end_awaiting(month=cast.month)
    assert left == [user.pk for user in people]
