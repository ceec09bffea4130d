"""Memberships are locked before the room, so that moving an end and dismissing cannot deadlock.

Tested with two connections; on SQLite the second runs after the first.
"""

import datetime as dt

import pytest

from common import clock
from common.access import SYSTEM, Refused
from community.people.models import User
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from community.threads.models import Thread
from followup.courses import run_actions
from followup.courses.models import RunTrainer
from followup.courses.roles import SpaceRole
from followup.live_hours import actions as live_hours
from followup.live_hours.models import LiveHour
from followup.months import actions
from followup.months.models import Extension, Month
from messaging.chat.models import Entry
from tests.cast import Cast, join, person
from tests.two_connections import concurrent
from tests.written import ask_trainer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(cast: Cast) -> User:
    """Somebody who is awaiting confirmation in the space."""
    user = person("Walter Waiting")
    join(cast.space, user, awaiting_until=clock.now() + dt.timedelta(days=3))
    return user


def lock_membership(cast: Cast, user: User) -> None:
    Membership.objects.select_for_update().get(space=cast.space, user=user)


def dismiss(cast: Cast, user: User) -> None:
    spaces.dismiss(space=Space.objects.get(pk=cast.space.pk), user=user, by=SYSTEM)


def is_in(cast: Cast, user: User) -> bool:
    return Membership.objects.current().filter(space=cast.space, user=user).exists()


def test_an_end_moves_while_somebody_who_is_awaiting_is_dismissed(cast, waiting):
    space = Space.objects.select_related("room").get(pk=cast.space.pk)
    later = cast.space.closes_at + dt.timedelta(days=1)
    with concurrent(lambda: spaces.move_end(space=space, closes_at=later)) as start:
        lock_membership(cast, waiting)
        start()
        dismiss(cast, waiting)
    assert not is_in(cast, waiting)
    assert Space.objects.get(pk=cast.space.pk).closes_at == later


def test_admissions_are_undone_while_somebody_who_is_awaiting_is_dismissed(cast, waiting):
    late = person("Lena Late")
    actions.admit_completed(month=cast.month, users=[late], by=cast.coordinator)
    moved = Space.objects.get(pk=cast.space.pk).last_day
    assert moved > cast.space.last_day
    with concurrent(lambda: actions.undo_admissions(month=cast.month, users=[late])) as start:
        lock_membership(cast, waiting)
        start()
        dismiss(cast, waiting)
    assert not is_in(cast, waiting)
    assert not is_in(cast, late)
    assert Space.objects.get(pk=cast.space.pk).last_day < moved


def test_somebody_whose_wait_is_over_and_another_are_confirmed_while_the_other_is_dismissed(cast, waiting):
    lapsed = person("Lara Lapsed")
    join(cast.space, lapsed, awaiting_until=clock.now() - dt.timedelta(days=1))
    users = [lapsed, waiting]
    with concurrent(
        lambda: actions.admit_completed(month=cast.month, users=users, by=cast.coordinator)
    ) as start:
        lock_membership(cast, waiting)
        start()
        dismiss(cast, waiting)
    assert is_in(cast, lapsed)
    assert is_in(cast, waiting)


def test_two_coordinators_cannot_remove_the_two_trainers_at_once(cast):
    other = person("Tibor Trainer")
    RunTrainer.objects.create(run=cast.run, user=other)
    join(cast.space, other, role=SpaceRole.TRAINER)
    first, second = cast.run.trainers.order_by("pk")

    def remove_the_second():
        with pytest.raises(Refused):
            run_actions.remove_trainer(trainer=second, by=cast.coordinator)

    with concurrent(remove_the_second) as start:
        run_actions.remove_trainer(trainer=first, by=cast.coordinator)
        start()
    assert is_in(cast, other)


def test_two_trainers_are_not_dismissed_at_once_on_two_pages(cast):
    other = person("Tibor Trainer")
    RunTrainer.objects.create(run=cast.run, user=other)
    join(cast.space, other, role=SpaceRole.TRAINER)
    stale = Space.objects.select_related("institute", "room").get(pk=cast.space.pk)

    def dismiss_the_other():
        with pytest.raises(Refused):
            spaces.dismiss_member(space=stale, user=other, by=cast.coordinator)

    with concurrent(dismiss_the_other) as start:
        run_actions.remove_trainer(trainer=cast.run.trainers.get(user=cast.trainer), by=cast.coordinator)
        start()
    assert is_in(cast, other)


def test_a_private_question_is_not_asked_while_its_only_reader_leaves(cast):
    def ask():
        with pytest.raises(Refused):
            ask_trainer(Space.objects.get(pk=cast.space.pk), cast.participant)

    with concurrent(ask) as start:
        RunTrainer.objects.all().delete()
        spaces.dismiss(space=cast.space, user=cast.trainer, by=SYSTEM)
        start()
    assert not Thread.objects.exists()


def test_an_hour_is_announced_by_the_end_as_it_is_after_a_concurrent_extension(cast):
    last_day = cast.space.last_day + dt.timedelta(days=10)
    starts_at = cast.space.closes_at + dt.timedelta(days=2)
    stale = Month.objects.select_related("space__institute").get(pk=cast.month.pk)

    def announce():
        live_hours.announce(
            month=stale,
            title="Late",
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(hours=1),
            by=cast.trainer,
        )

    with concurrent(announce) as start:
        actions.extend(
            month=cast.month, last_day=last_day, reason="The break", stays=True, by=cast.coordinator
        )
        start()
    assert LiveHour.objects.filter(title="Late").exists()


def test_of_two_concurrent_extensions_the_shorter_one_is_refused(cast):
    longer, shorter = (cast.space.last_day + dt.timedelta(days=days) for days in (20, 10))
    stale = Month.objects.select_related("space__institute").get(pk=cast.month.pk)

    def extend_less():
        with pytest.raises(Refused, match="later"):
            actions.extend(month=stale, last_day=shorter, reason="A week", stays=False, by=cast.trainer)

    with concurrent(extend_less) as start:
        actions.extend(month=cast.month, last_day=longer, reason="More", stays=False, by=cast.coordinator)
        start()
    assert Space.objects.get(pk=cast.space.pk).last_day == longer


def test_the_no_of_one_trainer_does_not_undo_the_yes_of_another_given_at_the_same_time(cast):
    other = person("Tibor Trainer")
    join(cast.space, other, role=SpaceRole.TRAINER)
    last_day = cast.space.last_day + dt.timedelta(days=10)
    extension = actions.extend(
        month=cast.month, last_day=last_day, reason="More", stays=True, by=cast.coordinator
    )
    stale = Extension.objects.get(pk=extension.pk)
    with concurrent(lambda: actions.answer_extension(extension=stale, stays=False, by=other)) as start:
        actions.answer_extension(extension=extension, stays=True, by=cast.trainer)
        start()
    assert Extension.objects.get(pk=extension.pk).on_hand == Extension.OnHand.YES


def test_an_hour_begun_by_its_trainer_at_its_minute_is_begun_once(cast):
    now = clock.now()
    hour = LiveHour.objects.create(
        month=cast.month,
        title="Now",
        starts_at=now - dt.timedelta(seconds=1),
        ends_at=now + dt.timedelta(hours=1),
        announced_by=cast.trainer,
    )
    with concurrent(lambda: live_hours.go_live(month=cast.month, by=cast.trainer)) as start:
        locked = live_hours.lock_hours().get(pk=hour.pk)
        start()
        live_hours.begin(locked)
        begun_at = locked.begun_at
    assert LiveHour.objects.get().begun_at == begun_at
    assert cast.space.room.entries.filter(kind=Entry.Kind.NOTICE).count() == 1
