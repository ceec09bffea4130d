"""What people are writing, kept while they type."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from community.people import drafts
from community.people.models import Draft

pytestmark = pytest.mark.django_db

PLACE = "/spaces/1/threads/new/"


@pytest.fixture
def client_of(participant, as_):
    return as_(participant)


def save(client, place=PLACE, fields=None, **more):
    body = {"place": place, "title": "A question", "fields": fields or {"text": "How do I"}} | more
    return client.post(reverse("draft"), body, content_type="application/json")


def stored(client, place=PLACE):
    return client.get(reverse("draft"), {"place": place}).json()


def test_a_draft_is_kept_changed_and_given_back(client_of):
    assert save(client_of).status_code == 204
    save(client_of, fields={"text": "How do I begin", "kind": "question"})
    answer = stored(client_of)
    assert answer["fields"] == {"text": "How do I begin", "kind": "question"}
    assert answer["title"] == "A question"
    assert dt.datetime.fromisoformat(answer["saved_at"])
    assert Draft.objects.count() == 1


def test_nothing_in_the_form_is_no_draft(client_of):
    save(client_of)
    assert (
        client_of.post(
            reverse("draft"), {"place": PLACE, "fields": {}}, content_type="application/json"
        ).status_code
        == 204
    )
    assert stored(client_of)["fields"] == {}


def test_a_draft_can_be_thrown_away(client_of):
    save(client_of)
    assert client_of.delete(reverse("draft") + f"?place={PLACE}").status_code == 204
    assert not Draft.objects.exists()


def test_nobody_sees_somebody_elses_draft(client_of, trainer, as_):
    save(client_of)
    assert stored(as_(trainer))["fields"] == {}
    as_(trainer).delete(reverse("draft") + f"?place={PLACE}")
    assert stored(client_of)["fields"]


def test_what_was_sent_is_no_draft_any_more(client_of, participant):
    save(client_of)
    drafts.delete_draft(participant, PLACE)
    drafts.delete_draft(participant, PLACE)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "place", ["https://elsewhere.test/", "//elsewhere.test/", "spaces", "", "/" + "x" * 200]
)
def test_a_draft_of_a_foreign_path_is_refused(client_of, place):
    assert save(client_of, place=place).status_code == 413
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"place": 1, "fields": {}}', '{"place": "/", "fields": {"a": 1}}']
)
def test_what_is_no_draft_is_refused(client_of, body):
    response = client_of.post(reverse("draft"), body, content_type="application/json")
    assert response.status_code == 400


def test_a_draft_is_as_long_as_a_form_may_be(client_of):
    longest = drafts.MAX_FIELDS_BYTES
    assert save(client_of, fields={"text": "ű" * (longest // 2 - 100)}).status_code == 204
    assert save(client_of, fields={"text": "ű" * (longest // 2 + 100)}).status_code == 413
    assert save(client_of, fields={"text": "x" * (8 * longest)}).status_code == 400


def test_the_oldest_of_too_many_drafts_makes_room(client_of, participant):
    start = clock.now()
    for number in range(drafts.MAX_DRAFTS_PER_USER + 1):
        with clock.at(start + dt.timedelta(seconds=number)):
            save(client_of, place=f"/threads/{number}/")
    assert participant.drafts.count() == drafts.MAX_DRAFTS_PER_USER
    assert stored(client_of, "/threads/0/")["fields"] == {}
    assert stored(client_of, "/threads/1/")["fields"]


def test_a_draft_is_not_taken_from_another_site(participant):
    client = Client(enforce_csrf_checks=True)
    client.force_login(participant)
    assert save(client).status_code == 403


def test_characters_that_no_database_takes_are_left_out_of_a_draft(client_of):
    assert save(client_of, fields={"te\0xt": "a\0b\ud83d"}).status_code == 204
    assert Draft.objects.get().fields == {"text": "ab"}
