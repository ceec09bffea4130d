"""Export and erasure of a user's data."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.sessions.models import Session

from common import privacy
from common.sessions import SessionStore, stored_key
from community.people import drafts, invitations
from community.people.models import User
from messaging.live.models import Revocation
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(coordinator):
    guest = User.objects.create_user("Nora New", "nora@school.test", preferred_name="Nora")
    invitations.invite(user=guest, address=guest.email, occasion="a month", next_path="/", by=coordinator)
    drafts.save(user=guest, path="/spaces/1/", title="A question", fields={"text": "How do I"})
    EmailAddress.objects.create(user=guest, email=guest.email)
    return guest


def test_what_is_somebodys_is_handed_out_and_can_be_written_down(guest):
    everything = privacy.export_for(guest)
    text = json.dumps(everything)
    assert everything["people"]["name"] == "Nora New"
    assert everything["people"]["preferred_name"] == "Nora"
    assert "How do I" in text
    assert "a month" in text
    assert everything["notifications"]["mails"][0]["kind"] == "invitation"


def test_an_erased_user_is_anonymous_and_cannot_sign_in(guest):
    privacy.erase(guest)
    guest = User.objects.get(pk=guest.pk)
    assert "Nora" not in json.dumps(privacy.export_for(guest))
    assert "nora@" not in json.dumps(privacy.export_for(guest))
    assert not guest.is_active
    assert not guest.has_usable_password()
    assert not Mail.objects.exists()
    assert not EmailAddress.objects.filter(email="nora@school.test").exists()


def test_erasing_ends_sockets_and_tickets(guest):
    privacy.erase(guest)
    ended = Revocation.objects.get(person=guest.pk)
    assert (ended.ends, ended.session) == (True, "")


def stored_session(**content):
    session = SessionStore()
    session.update(content)
    session.create()
    return stored_key(session.session_key)


def test_erasing_ends_the_sessions_in_which_somebody_is_about_to_sign_in_with_the_address(guest):
    User.objects.filter(pk=guest.pk).update(email="nora@xn--kzpiskola-c4a5l.test")
    for text in ("nora@school.test", "Nora@KÖZÉPISKOLA.test", "A code is on its way to <Nora@School.test>."):
        stored_session(account_login={"texts": [text]})
    privacy.erase(User.objects.get(pk=guest.pk))
    assert not Session.objects.exists()


def test_erasing_leaves_the_sessions_of_those_whose_address_is_longer_or_shared(guest, participant, as_):
    User.objects.filter(pk=guest.pk).update(email=participant.email)
    kept = {
        stored_session(account_login={"email": address})
        for address in ("eleonora@school.test", "nora@school.test.example", participant.email)
    }
    as_(participant)
    kept |= set(Session.objects.values_list("pk", flat=True))
    privacy.erase(User.objects.get(pk=guest.pk))
    assert set(Session.objects.values_list("pk", flat=True)) == kept


def test_erasing_ends_the_session_that_keeps_what_they_typed_when_it_had_ended(guest, participant):
    stored_session(unsent={"writer": str(guest.key), "fields": [{"name": "text", "value": "I would"}]})
    kept = stored_session(unsent={"writer": str(participant.key), "fields": []})
    privacy.erase(guest)
    assert Session.objects.get().pk == kept


def test_erasing_a_user_keeps_the_invitations_they_sent(guest, coordinator):
    privacy.erase(coordinator)
    assert guest.invitations.get().invited_by is None


def test_every_named_relation_exists():
    points_at_people = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.related_model is User or (model is User and field.many_to_many)
    }
    assert privacy.covered() <= points_at_people
