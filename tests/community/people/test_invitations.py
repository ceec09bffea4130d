"""Invitations by mail."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people import actions, invitations
from community.people.models import Invitation, User
from messaging.notifications.models import Mail
from tests.cast import person

pytestmark = pytest.mark.django_db

ABOUT_ME = {"name": "Nora New", "preferred_name": "Nora", "occupation": "teacher", "language": "pl"}


@pytest.fixture
def guest():
    return User.objects.create_user(
        "Nora Nev", "nora@school.test", language="hu", time_zone="Europe/Budapest"
    )


@pytest.fixture
def invitation(guest, coordinator):
    return invitations.invite(
        user=guest,
        address=guest.email,
        occasion="Exit tickets, the month after",
        next_path="/me/",
        by=coordinator,
    )


def text_of(response) -> str:
    return response.content.decode()


def test_the_mail_contains_inviter_occasion_and_expiry(invitation, settings):
    mail = Mail.objects.get()
    assert mail.address == "nora@school.test"
    assert mail.language == "hu"
    assert "Cora Coordinator" in mail.text
    assert mail.subject.endswith("Exit tickets, the month after")
    assert settings.SITE_URL + invitations.link_to(invitation) in mail.text
    assert "nora" not in invitations.link_to(invitation)


def test_visiting_the_link_changes_nothing_since_mail_scanners_visit_links(invitation, client):
    before = (User.objects.values().get(pk=invitation.user_id), Invitation.objects.values().get())
    page = client.get(invitations.link_to(invitation))
    assert "Open the space" in text_of(page) or "Nora Nev" in text_of(page)
    assert before == (User.objects.values().get(pk=invitation.user_id), Invitation.objects.values().get())
    assert not get_user(client).is_authenticated


def test_joining_verifies_the_address_and_sets_the_profile(invitation, client):
    response = client.post(invitations.link_to(invitation), ABOUT_ME)
    assert response.headers["Location"] == "/me/"
    user = User.objects.get(pk=invitation.user_id)
    assert (user.name, user.preferred_name, user.occupation, user.language) == tuple(ABOUT_ME.values())
    assert user.time_zone == "Europe/Budapest"
    assert user.joined_at is not None
    assert not user.has_usable_password()
    assert actions.verified_owner_of("nora@school.test") == user
    assert get_user(client) == user
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None


def test_who_was_listed_by_no_institute_gets_the_usual_zone_of_their_language(invitation, guest, client):
    User.objects.filter(pk=guest.pk).update(time_zone="UTC")
    client.post(invitations.link_to(invitation), ABOUT_ME)
    assert User.objects.get(pk=guest.pk).time_zone == "Europe/Warsaw"


def test_the_form_is_filled_with_the_listed_values(invitation, client):
    response = client.get(invitations.link_to(invitation))
    assert response.context["form"].initial["name"] == "Nora Nev"
    assert "time_zone" not in text_of(response)


def test_a_password_may_be_set_on_joining(invitation, client):
    weak = client.post(invitations.link_to(invitation), ABOUT_ME | {"password": "short"})
    assert weak.status_code == 200
    assert User.objects.get(pk=invitation.user_id).joined_at is None
    client.post(invitations.link_to(invitation), ABOUT_ME | {"password": "seven-blue-chairs"})
    assert User.objects.get(pk=invitation.user_id).check_password("seven-blue-chairs")


def test_a_password_set_before_the_address_was_verified_is_discarded(invitation, guest, client):
    guest.set_password("set-by-a-stranger")
    guest.save()
    client.post(invitations.link_to(invitation), ABOUT_ME)
    assert not User.objects.get(pk=guest.pk).has_usable_password()


def test_accepting_again_leads_to_sign_in_and_then_on(invitation, client):
    client.post(invitations.link_to(invitation), ABOUT_ME)
    assert client.get(invitations.link_to(invitation)).headers["Location"] == "/me/"
    client.logout()
    again = client.post(invitations.link_to(invitation), ABOUT_ME | {"name": "Some Body Else"})
    assert f"{reverse('account_login')}?next=/me/" in text_of(again)
    assert User.objects.get(pk=invitation.user_id).name == "Nora New"


def test_an_invitation_too_old_can_be_sent_again_by_one_button(invitation, client):
    link = invitations.link_to(invitation)
    Mail.objects.all().delete()
    later = invitation.expires_at + dt.timedelta(minutes=1)
    with clock.at(later):
        page = client.get(link)
        assert "Send me a new one" in text_of(page)
        assert client.post(link, ABOUT_ME).status_code == 200
        assert User.objects.get(pk=invitation.user_id).joined_at is None
        signed = re.search(r'name="invitation" value="([^"]+)"', text_of(page)).group(1)
        answer = client.post(reverse("invitation_again"), {"invitation": signed})
        assert answer.headers["Location"] == reverse("invitation_sent")
        mail = Mail.objects.get()
        assert mail.address == "nora@school.test"
        newer = invitations.link_to(Invitation.objects.get())
        assert newer in mail.text
        assert "There’s a newer invitation" in text_of(client.post(link, ABOUT_ME)), "the old link stays dead"
        Mail.objects.update(sent_at=later)
        client.post(link, ABOUT_ME)
        assert User.objects.get(pk=invitation.user_id).joined_at is None
        assert client.post(newer, ABOUT_ME).headers["Location"] == "/me/"


def test_a_revoked_invitation_and_an_invalid_link_give_the_same_response(invitation, client):
    link = invitations.link_to(invitation)
    invitations.revoke(invitation=invitation)
    assert not Mail.objects.exists(), "the mail was not sent"
    revoked, mangled = client.get(link), client.get(link[:-3] + "/")
    assert revoked.status_code == mangled.status_code == 404
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", text_of(revoked)) == strip.sub("", text_of(mangled))
    client.post(link, ABOUT_ME)
    assert User.objects.get(pk=invitation.user_id).joined_at is None
    with pytest.raises(Refused):
        invitations.accept(invitation=invitation, **ABOUT_ME)


def test_a_revoked_invitation_is_not_sent_again(invitation, client):
    invitations.revoke(invitation=invitation)
    client.post(reverse("invitation_again"), {"email": "nora@school.test"})
    assert Mail.objects.get().kind == "account-unknown"


def test_inviting_again_renews_the_invitation_and_replaces_an_unsent_mail(invitation, guest, coordinator):
    with clock.at(clock.now() + dt.timedelta(days=3)):
        renewed = invitations.invite(
            user=guest, address=guest.email, occasion="Another", next_path="/", by=coordinator
        )
    assert renewed.pk == invitation.pk
    assert renewed.expires_at > invitation.expires_at
    assert Mail.objects.get().subject.endswith("Another")


def test_only_the_newest_link_works_once_its_mail_was_sent(invitation, coordinator, client):
    first = invitations.link_to(invitation)
    Mail.objects.update(sent_at=clock.now())
    second = invitations.link_to(invitations.send_again(invitation=invitation, by=coordinator))
    assert first != second
    assert "Nora Nev" in text_of(client.get(first)), "the newer mail is not there yet"
    Mail.objects.update(sent_at=clock.now())
    page = text_of(client.get(first))
    assert "There’s a newer invitation" in page
    assert "Send me a new one" in page
    assert "Nora Nev" not in page
    client.post(first, ABOUT_ME)
    assert User.objects.get(pk=invitation.user_id).joined_at is None
    assert client.post(second, ABOUT_ME).headers["Location"] == "/me/"


def test_a_renewal_that_replaces_an_unsent_mail_keeps_its_link(invitation, coordinator):
    again = invitations.send_again(invitation=invitation, by=coordinator)
    assert invitations.link_to(again) == invitations.link_to(invitation)


def test_undoing_a_renewal_brings_the_link_of_the_sent_mail_back(invitation, coordinator, client):
    link = invitations.link_to(invitation)
    Mail.objects.update(sent_at=clock.now())
    renewed = invitations.send_again(invitation=invitation, by=coordinator)
    invitations.undo(invitation=renewed)
    assert client.post(link, ABOUT_ME).status_code == 302
    assert User.objects.get(pk=invitation.user_id).joined_at is not None


def test_a_used_link_lets_nobody_in_again(invitation, client, as_):
    link = invitations.link_to(invitation)
    client.post(link, ABOUT_ME)
    again = as_(None)
    page = text_of(again.post(link, ABOUT_ME | {"name": "Thief"}))
    assert not get_user(again).is_authenticated
    assert "Nora" not in page
    assert "nora@" not in page


def test_a_link_of_an_earlier_version_works_until_the_invitation_is_renewed(invitation, coordinator, client):
    old = reverse("invitation", args=[invitations._signer.sign(str(invitation.pk))])
    assert "Nora Nev" in text_of(client.get(old))
    Mail.objects.update(key=f"invitation:{invitation.pk}:2026-11-01", sent_at=clock.now())
    invitations.send_again(invitation=invitation, by=coordinator)
    Mail.objects.update(sent_at=clock.now())
    assert "There’s a newer invitation" in text_of(client.get(old))


def test_sending_again_after_the_first_mail_was_sent_sends_a_second(invitation, coordinator):
    Mail.objects.update(sent_at=clock.now())
    invitations.send_again(invitation=invitation, by=coordinator)
    assert Mail.objects.count() == 2


def test_a_mail_may_be_scheduled(guest, coordinator):
    moment = clock.now() + dt.timedelta(minutes=10)
    invitations.invite(
        user=guest, address=guest.email, occasion="A month", next_path="/", by=coordinator, not_before=moment
    )
    assert Mail.objects.get().not_before == moment


def test_asking_for_a_scheduled_mail_does_not_send_it_earlier(guest, coordinator):
    moment = clock.now() + dt.timedelta(minutes=10)
    invitations.invite(
        user=guest, address=guest.email, occasion="A month", next_path="/", by=coordinator, not_before=moment
    )
    assert invitations.remind(guest.email)
    assert Mail.objects.get().not_before == moment


def test_an_invitation_redirects_to_local_paths_only(guest, coordinator, client):
    for path in ("https://elsewhere.test/", "//elsewhere.test/", "/\\elsewhere.test/"):
        invitation = invitations.invite(
            user=guest, address=guest.email, occasion="", next_path=path, by=coordinator
        )
        assert invitation.next_path == "/"


def test_an_address_that_another_user_has_verified_meanwhile_stays_theirs(invitation, client):
    owner = person("Nora Already")
    owner.emailaddress_set.update(email="nora@school.test")
    page = client.get(invitations.link_to(invitation))
    assert "already has an account" in text_of(page)
    assert "Cora Coordinator" in text_of(page)
    client.post(invitations.link_to(invitation), ABOUT_ME)
    assert actions.verified_owner_of("nora@school.test") == owner
    with pytest.raises(Refused):
        invitations.accept(invitation=invitation, **ABOUT_ME)


def test_a_user_signed_in_as_somebody_else_has_to_choose(invitation, participant, as_):
    client = as_(participant)
    page = client.get(invitations.link_to(invitation))
    assert "signed in as Petra Participant" in text_of(page)
    client.post(invitations.link_to(invitation), ABOUT_ME)
    assert User.objects.get(pk=invitation.user_id).joined_at is None
    assert get_user(client) == participant


def test_a_suspended_person_cannot_join(invitation, guest, client):
    actions.suspend(user=guest)
    assert client.post(invitations.link_to(invitation), ABOUT_ME).status_code == 404
    assert User.objects.get(pk=guest.pk).joined_at is None


def test_many_are_invited_in_as_many_statements_as_one(coordinator, django_assert_max_num_queries):
    users = [User.objects.create_user(f"P {number}", f"p{number}@school.test") for number in range(40)]

    def invite(people, occasion: str):
        return invitations.invite_all(
            people=[(user, user.email) for user in people],
            occasion=occasion,
            next_path="/me/",
            by=coordinator,
        )

    first = invite(users[:2], "A course")[0]
    Mail.objects.filter(user=users[0]).update(sent_at=clock.now())
    with django_assert_max_num_queries(18):
        again = invite(users, "Another course")
    assert [one.user for one in again] == users
    assert (again[0], again[0].link_number, again[1].link_number) == (first, 1, 0)
    assert set(Invitation.objects.values_list("occasion", flat=True)) == {"Another course"}
    waiting = Mail.objects.filter(sent_at=None)
    assert sorted(mail.user_id for mail in waiting) == [user.pk for user in users]
    assert all(f"Hello {mail.user.name}," in mail.text for mail in waiting)
    assert len({re.search(r"http\S+", mail.text)[0] for mail in waiting}) == 40


def test_a_fourth_mail_of_one_list_to_an_address_waits_for_its_turn(coordinator):
    users = [User.objects.create_user(f"P {number}", "office@school.test") for number in range(4)]
    now = clock.now()
    with clock.at(now):
        invitations.invite_all(
            people=[(user, user.email) for user in users], occasion="A", next_path="/", by=coordinator
        )
    moments = list(Mail.objects.order_by("pk").values_list("not_before", flat=True))
    assert moments == [now, now, now, now + invitations.HOUR]
