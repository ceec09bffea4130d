"""Mails that somebody waits for: they go first, and what lets somebody in is kept no longer than it is of
use."""

import datetime as dt

import pytest
from django.urls import reverse

from common import clock
from common.access import SYSTEM
from community.people import invitations
from messaging.notifications import delivery
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db
Priority = Mail.Priority


@pytest.fixture
def sent_soon(monkeypatch):
    """The key prefixes of mails that are sent at once."""
    prefixes = []
    monkeypatch.setattr(delivery, "send_soon", prefixes.append)
    return prefixes


def mail_after(client, page, address):
    client.post(reverse(page), {"email": address})
    return Mail.objects.get()


def test_a_code_goes_first_and_expires_with_the_time_to_type_it(client, participant, sent_soon):
    mail = mail_after(client, "account_request_login_code", participant.email)
    assert (mail.kind, mail.priority, mail.has_secret) == ("account-code", Priority.CODE, True)
    assert mail.expires_at - clock.now() <= dt.timedelta(minutes=15)
    assert sent_soon == [mail.key]


def test_the_link_to_a_new_password_is_secret_and_works_for_hours(client, participant, sent_soon):
    mail = mail_after(client, "account_reset_password", participant.email)
    assert (mail.kind, mail.priority, mail.has_secret) == ("account-new-password", Priority.CODE, True)
    assert dt.timedelta(hours=5) < mail.expires_at - clock.now() <= dt.timedelta(hours=6)
    assert sent_soon == [mail.key]


def test_a_mail_that_does_not_sign_in_is_not_secret(client, db, sent_soon):
    mail = mail_after(client, "account_request_login_code", "nobody@school.test")
    assert (mail.kind, mail.priority, mail.has_secret) == ("account-unknown", Priority.CODE, False)


def test_an_invitation_goes_before_bulk_and_its_link_is_a_secret(stranger):
    stranger.joined_at = None
    stranger.save()
    invitations.invite(user=stranger, address=stranger.email, occasion="", next_path="/", by=SYSTEM)
    mail = Mail.objects.get()
    assert (mail.kind, mail.priority, mail.has_secret) == ("invitation", Priority.INVITATION, True)


def test_an_invited_user_who_requests_a_code_gets_the_invitation_at_once(client, stranger, sent_soon):
    stranger.emailaddress_set.all().delete()
    stranger.joined_at = None
    stranger.save()
    mail = mail_after(client, "account_request_login_code", stranger.email)
    assert mail.kind == "invitation"
    [prefix] = sent_soon
    assert mail.key.startswith(prefix)
