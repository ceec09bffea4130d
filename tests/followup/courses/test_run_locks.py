"""Actions on a course group lock it and read again: what the page showed may have changed meanwhile.

Tested with two connections; on SQLite the second runs after the first.
"""

import datetime as dt

import pytest

from common import clock
from common.access import Refused
from community.people.models import User
from community.spaces.models import Membership
from followup.completions import actions as completions
from followup.courses import actions, run_actions
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.months import actions as months
from followup.months.models import Month
from tests.cast import ZONE, Cast, person
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unopened(cast: Cast) -> Run:
    """A group that ended today, with its trainer and one who is enrolled."""
    today = clock.today(ZONE)
    run = Run.objects.create(course=cast.course, starts_on=today - dt.timedelta(3), ends_on=today)
    RunTrainer.objects.create(run=run, user=cast.trainer)
    Enrolment.objects.create(run=run, user=person("Elza Enrolled"))
    return run


def as_a_page_loads(run: Run) -> Run:
    """With its month, which is not open yet."""
    return Run.objects.select_related("course__institute", "month_run__month__space").get(pk=run.pk)


def members_of(run: Run) -> set[str]:
    here = Membership.objects.current().filter(space__month__month_runs__run=run)
    return set(here.values_list("user__name", flat=True))


def test_a_trainer_added_while_the_month_opens_is_in_it(cast, unopened):
    stale = as_a_page_loads(unopened)
    address = cast.evaluator.email
    with concurrent(
        lambda: run_actions.add_trainer(run=stale, by=cast.coordinator, name="Eva", address=address)
    ) as start:
        months.open_month(run=unopened, how=Month.OpenedBy.COORDINATOR, by=cast.coordinator)
        start()
    assert cast.evaluator.name in members_of(unopened)


def test_a_trainer_removed_while_the_month_opens_is_the_last_one_and_stays(cast, unopened):
    stale = unopened.trainers.select_related("run__course__institute", "user").get()

    def remove():
        with pytest.raises(Refused):
            run_actions.remove_trainer(trainer=stale, by=cast.coordinator)

    with concurrent(remove) as start:
        months.open_month(run=unopened, how=Month.OpenedBy.COORDINATOR, by=cast.coordinator)
        start()
    assert cast.trainer.name in members_of(unopened)


def test_somebody_who_completed_meanwhile_is_not_unenrolled(cast, unopened):
    stale = unopened.enrolments.select_related("user", "run__course__institute").get()
    batch = completions.select_by_hand(
        run=unopened,
        by=cast.coordinator,
        enrolments=list(unopened.enrolments.all()),
        completed_on=clock.today(ZONE),
    )

    def unenrol():
        with pytest.raises(Refused):
            run_actions.unenrol(enrolment=stale, by=cast.coordinator)

    with concurrent(unenrol) as start:
        run_actions.lock_run(unopened)
        completions.apply(batch=batch, by=cast.coordinator)
        start()
    assert Enrolment.objects.get(pk=stale.pk).completed_at


def test_an_enrolment_removed_twice_at_once_is_removed_once(cast, unopened):
    first, second = (unopened.enrolments.select_related("run__course__institute").get() for _ in range(2))
    with concurrent(lambda: run_actions.unenrol(enrolment=second, by=cast.coordinator)) as start:
        run_actions.unenrol(enrolment=first, by=cast.coordinator)
        start()
    assert not unopened.enrolments.exists()


def test_a_trainer_who_leaves_while_the_month_opens_leaves_no_month_alone_unawares(cast, unopened):
    batch = completions.select_by_hand(
        run=unopened,
        by=cast.coordinator,
        enrolments=list(unopened.enrolments.all()),
        completed_on=clock.today(ZONE),
    )

    def open_it():
        with pytest.raises(Refused, match="No one is available"):
            completions.apply(batch=batch, by=cast.coordinator)

    with concurrent(open_it) as start:
        run_actions.remove_trainer(trainer=unopened.trainers.get(), by=cast.coordinator)
        start()
    assert not Month.objects.filter(month_runs__run=unopened).exists()


def test_of_two_who_publish_at_once_the_first_is_recorded(cast):
    other = person("Kati Coordinator")
    cast.institute.staff.create(user=other, role="coordinator")
    Course.objects.filter(pk=cast.course.pk).update(published_at=None, published_by=None)
    first, second = (Course.objects.select_related("institute").get(pk=cast.course.pk) for _ in range(2))
    with concurrent(lambda: actions.publish_course(course=second, by=other)) as start:
        actions.publish_course(course=first, by=cast.coordinator)
        start()
    assert Course.objects.get(pk=cast.course.pk).published_by == cast.coordinator


def test_the_last_coordinator_who_can_sign_in_is_not_removed(cast):
    from community.institutes import actions as institutes

    gone = person("Kati Coordinator")
    cast.institute.staff.create(user=gone, role="coordinator")
    User.objects.filter(pk=gone.pk).update(suspended_at=clock.now())
    with pytest.raises(Refused, match="needs a coordinator"):
        institutes.remove_staff(staff=cast.institute.staff.get(user=cast.coordinator), by=cast.coordinator)
