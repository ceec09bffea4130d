"""An invitation is accepted once, whoever presses the button first."""

import pytest

from common.access import SYSTEM, Refused
from community.people import invitations
from community.people.actions import find_or_create_user
from community.people.invitation_actions import correct_address
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
        with pytest.raises(Refused, match="no longer works"):
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


def test_two_institutes_that_invited_one_address_do_not_make_two_accounts_of_it():
    first, second = (
        invite("nora@school.test", User.objects.create_user("Nora New", "nora@school.test")) for _ in range(2)
    )

    def accept_too():
        with pytest.raises(Refused, match="belongs to another account"):
            accept(second, "Somebody Else")

    with concurrent(accept_too) as start:
        accept(first, "Nora New")
        start()
    assert User.objects.get(joined_at__isnull=False).name == "Nora New"
    invitations.accept_with_account(invitation=second, account=first.user)
    assert User.objects.get() == first.user


def test_an_address_is_corrected_while_its_invitation_is_accepted():
    invitation = invite("nora@school.test")

    def accept_too():
        with pytest.raises(Refused, match="no longer works"):
            accept(invitation, "Nora New")

    with concurrent(accept_too) as start:
        User.objects.select_for_update().get(pk=invitation.user_id)
        start()
        correct_address(user=invitation.user, address="nora@home.test", by=SYSTEM)
    assert User.objects.get().email == "nora@home.test"
