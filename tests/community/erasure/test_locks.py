"""A user is locked before the institutes they coordinate, and institutes before rows that refer to a user.

Tested with two connections; on SQLite the second runs after the first.
"""

import pytest

from community.erasure import actions
from community.institutes.actions import give_role
from community.institutes.models import Institute
from community.people.models import User
from tests.cast import Cast, person
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user: User) -> None:
    actions.ask(user=user, takes_posts=False)


def erase_at_once(user: User) -> None:
    actions.erase_at_once(user=user, takes_posts=False)


def erase_when_asked(user: User) -> None:
    assert actions.erase(user=user)


@pytest.mark.parametrize("leave", [ask, erase_at_once, erase_when_asked])
def test_who_leaves_does_not_deadlock_with_who_gives_them_a_role(cast: Cast, leave):
    second = person("Stefan Second")
    give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    if leave is erase_when_asked:
        ask(cast.coordinator)

    def leave_now() -> None:
        leave(cast.coordinator)

    with concurrent(leave_now) as start:
        Institute.objects.select_for_update().get(pk=cast.institute.pk)
        start()
        give_role(institute=cast.institute, user=cast.coordinator, role="office", by=second)
    left = User.objects.get(pk=cast.coordinator.pk)
    assert left.erasure_at or left.erased_at


def test_who_keeps_the_account_while_its_erasure_waits_keeps_it(cast: Cast):
    ask(cast.participant)

    def erase() -> None:
        assert not actions.erase(user=cast.participant)

    with concurrent(erase) as start:
        assert actions.keep(user=cast.participant)
        start()
    kept = User.objects.get(pk=cast.participant.pk)
    assert kept.is_active
    assert kept.name == "Petra Participant"
