"""Export and erasure of a user's data."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from common import privacy
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
