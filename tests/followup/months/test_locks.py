"""Memberships are locked before the room, so that moving an end and dismissing cannot deadlock.

Tested with two connections; on SQLite the second runs after the first.
"""

import datetime as dt

import pytest

from common import clock
from common.access import SYSTEM
from community.people.models import User
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from followup.months import actions
from tests.cast import Cast, join, person
from tests.two_connections import concurrent

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
