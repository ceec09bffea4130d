"""Inviting again and correcting an address, for those who look after invitations."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from common import clock
from common.access import SYSTEM, Refused
from community.people import invitations
from community.people.invitation_actions import correct_address, invite_again
from community.people.invitation_queries import states_of
from community.people.models import Invitation, User
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db

Reason = Mail.GiveUpReason


@pytest.fixture
def guest(coordinator):
    guest = User.objects.create_user("Nora New", "nora@school.test")
    invitations.invite(
        user=guest, address=guest.email, occasion="a month", next_path="/spaces/1/", by=coordinator
    )
    return guest


def state_of(user):
    return states_of([user])[user.pk]


def a_day_later():
    return clock.at(clock.now() + dt.timedelta(days=1, minutes=1))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"sent_at": clock.now()}, ""),
        ({}, ""),
        ({"last_error": "SMTPServerDisconnected"}, "isn’t accepting it"),
        ({"given_up_at": clock.now(), "give_up_reason": Reason.REFUSED}, "no such mailbox"),
        ({"given_up_at": clock.now(), "give_up_reason": Reason.FAILED}, "accepted nothing for days"),
        ({"given_up_at": clock.now(), "give_up_reason": Reason.EXPIRED}, "accepted nothing for days"),
        ({"given_up_at": clock.now(), "give_up_reason": Reason.CANCELLED}, ""),
    ],
)
def test_it_is_said_in_plain_words_what_became_of_an_invitation(guest, columns, words):
    Mail.objects.update(**columns)
    text = state_of(guest).text
    assert words in text
    assert bool(text) == bool(words)


def test_who_has_joined_or_was_not_invited_has_no_state(participant):
    uninvited = User.objects.create_user("Una Uninvited", "una@school.test")
    assert states_of([participant, uninvited]) == {}


def test_the_states_of_many_cost_two_queries(guest, coordinator, django_assert_num_queries):
    users = [guest]
    for number in range(20):
        user = User.objects.create_user(f"Guest {number}", f"guest{number}@school.test")
        invitations.invite(user=user, address=user.email, occasion="x", next_path="/", by=coordinator)
        users.append(user)
    with django_assert_num_queries(2):
        assert len(states_of(users)) == 21


def test_somebody_can_be_invited_again_once_a_day(guest, coordinator):
    assert not state_of(guest).may_be_sent_again
    with pytest.raises(Refused, match="less than a day ago"):
        invite_again(user=guest, by=coordinator)
    with a_day_later():
        assert state_of(guest).may_be_sent_again
        invite_again(user=guest, by=coordinator)
        with pytest.raises(Refused):
            invite_again(user=guest, by=coordinator)


def test_an_invitation_that_ran_out_is_renewed(guest, coordinator):
    with clock.at(clock.now() + dt.timedelta(days=40)):
        invitation = invite_again(user=guest, by=coordinator)
        assert invitation.is_open
        assert invitation.next_path == "/spaces/1/"


def test_who_has_joined_is_not_invited_and_keeps_their_address(participant, coordinator):
    with pytest.raises(Refused, match="has joined"):
        invite_again(user=participant, by=coordinator)
    with pytest.raises(Refused, match="has joined"):
        correct_address(user=participant, address="other@school.test", by=SYSTEM)


def test_a_corrected_address_gets_a_new_invitation_and_the_old_one_is_dead(guest, coordinator, client):
    old = Invitation.objects.get()
    correct_address(user=guest, address="Nora.New@school.test", by=coordinator)
    guest.refresh_from_db()
    assert guest.email == "nora.new@school.test"
    assert client.get(invitations.link_to(old)).status_code == 404
    new = Invitation.objects.open().get()
    assert (new.address, new.occasion, new.next_path) == (guest.email, "a month", "/spaces/1/")
    assert Mail.objects.get().address == guest.email, "the unsent mail to the old address is withdrawn"


def test_nothing_of_who_signed_up_with_the_wrong_address_stays(guest, coordinator):
    EmailAddress.objects.create(user=guest, email="nora@school.test")
    guest.set_password("somebody else's")
    guest.save()
    correct_address(user=guest, address="nora.new@school.test", by=coordinator)
    guest.refresh_from_db()
    assert not guest.has_usable_password()
    assert not EmailAddress.objects.filter(user=guest).exists()


def test_it_is_not_told_whether_somebody_has_the_address(guest, participant, coordinator):
    correct_address(user=guest, address=participant.email, by=coordinator)
    assert Invitation.objects.open().get().address == participant.email
    assert User.objects.get(pk=guest.pk).joined_at is None


def test_who_was_not_invited_yet_is_only_corrected(coordinator):
    enrolled = User.objects.create_user("Una Uninvited", "una@school.test")
    correct_address(user=enrolled, address="una.uninvited@school.test", by=coordinator)
    assert not Invitation.objects.exists()
    with pytest.raises(Refused, match="no pending invitation"):
        invite_again(user=enrolled, by=coordinator)
