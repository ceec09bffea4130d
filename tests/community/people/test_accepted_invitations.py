"""An invitation is accepted once, whoever presses the button first."""

import pytest

from common.access import SYSTEM, Refused
from community.people import invitations
from community.people.actions import find_or_create_user
from community.people.models import Invitation, User
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db(transaction=True)


def accept(invitation: Invitation, name: str) -> User:
    return invitations.accept(invitation=invitation, name=name, occupation="teacher", language="en")


def invite(address: str, user: User | None = None) -> Invitation:
    if user is None:
        user, _new = find_or_create_user(name="Nora New", address=address, language="en", time_zone="UTC")
    return invitations.invite(user=user, address=address, occasion="A course", next_path="/", by=SYSTEM)


def test_of_two_who_press_the_button_at_once_the_second_is_refused():
    invitation = invite("nora@school.test")
    stale = Invitation.objects.get(pk=invitation.pk)

    def accept_too():
        with pytest.raises(Refused, match="does not work any more"):
            accept(stale, "Somebody Else")

    with concurrent(accept_too) as start:
        accept(invitation, "Nora New")
        start()
    assert User.objects.get().name == "Nora New"


def test_two_invitations_of_one_person_are_not_both_accepted():
    first = invite("nora@school.test")
    second = invite("nora@home.test", first.user)

    def accept_too():
        with pytest.raises(Refused):
            accept(second, "Somebody Else")

    with concurrent(accept_too) as start:
        accept(first, "Nora New")
        start()
    assert User.objects.get().email == "nora@school.test"
