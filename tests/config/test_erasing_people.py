"""The administrator erases people who asked for it in writing, and cannot undo it for the erased."""

import pytest
from django.urls import reverse

from common import clock
from community.erasure import actions
from community.people.models import User
from tests.cast import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast, as_):
    return as_(person("Ada Administrator", is_staff=True, is_superuser=True))


def act(client, action, *people):
    selected = {"action": action, "_selected_action": [each.pk for each in people]}
    return client.post(reverse("admin:community_user_changelist"), selected, follow=True).content.decode()


def test_people_are_erased_in_a_week_and_the_last_coordinator_is_not(client, participant, coordinator):
    page = act(client, "erase_in_a_week", participant, coordinator)
    assert "Petra Participant will be erased in a week." in page
    assert "Cora Coordinator: Course Institute has no other coordinator." in page
    assert User.objects.filter(erasure_at__isnull=False).get() == participant


def test_it_can_be_called_off(client, participant):
    act(client, "erase_in_a_week", participant)
    assert "Petra Participant stays." in act(client, "keep_accounts", participant)
    assert not User.objects.filter(erasure_at__isnull=False).exists()


def test_that_it_is_too_late_is_said_there(client, participant, another_participant):
    act(client, "erase_in_a_week", participant, another_participant)
    User.objects.filter(pk=participant.pk).update(suspended_at=clock.now())
    page = act(client, "keep_accounts", participant, another_participant)
    assert "Petra Participant: This account is suspended or already being erased." in page
    assert f"{another_participant.name} stays." in page
    assert User.objects.filter(erasure_at__isnull=False).get() == participant


def test_who_is_erased_is_not_changed_any_more(client, participant):
    actions.erase_at_once(user=participant, takes_posts=False)
    url = reverse("admin:community_user_change", args=[participant.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Petra Again"}).status_code == 403
