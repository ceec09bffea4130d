"""Who writes faster than anybody can read is refused, and the words stay."""

import pytest
from django.urls import reverse

from common import rates
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from messaging.chat.models import Entry
from tests.written import start

SENTENCE = "more at once than anyone can read"


@pytest.fixture(autouse=True)
def time_stands_still(monkeypatch):
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)


def used_up(user):
    while rates.POSTS.take(user.pk):
        pass


def test_sixty_conversations_in_a_minute_are_too_many(as_, participant, space):
    client, path = as_(participant), reverse("thread_new", args=[space.pk])
    codes = [client.post(path, {"title": f"No. {n}", "language": "en"}).status_code for n in range(32)]
    assert codes == [302] * 30 + [403] * 2
    assert Thread.objects.count() == 30


@pytest.mark.parametrize("page", ["thread_new", "question_new", "practice_new"])
def test_the_form_stays_filled_with_the_reason_above_it(page, as_, participant, space):
    used_up(participant)
    words = {
        "title": "My own title",
        "text": "My words",
        "tried": "My words",
        "context": "a",
        "happened": "b",
    }
    more = {"language": "en", "audience": "everyone"}
    response = as_(participant).post(reverse(page, args=[space.pk]), words | more)
    assert response.status_code == 403
    shown = response.content.decode()
    assert SENTENCE in shown
    assert "My own title" in shown
    assert "My words" in shown
    assert not Thread.objects.exists()
    assert not Practice.objects.exists()


def test_a_reply_stays_too_and_another_person_is_not_held_up(as_, participant, another_participant, space):
    path = reverse("thread", args=[start(space, participant).pk])
    used_up(participant)
    response = as_(participant).post(path, {"text": "My words"})
    assert response.status_code == 403
    assert SENTENCE in response.content.decode()
    assert "My words" in response.content.decode()
    assert as_(another_participant).post(path, {"text": "So did I"}).status_code == 302
    assert Reply.objects.count() == 1


def test_rendering_has_a_limit_of_its_own(as_, participant, space):
    path = reverse("practice_new", args=[space.pk])
    long = dict.fromkeys(["context", "tried", "happened", "change"], "<http://" * 2_500)
    codes = [
        as_(participant).post(path, {"title": "T", "language": "en", **long}).status_code for _ in range(7)
    ]
    assert codes == [302] * 6 + [403]


@pytest.mark.parametrize("script", [False, True])
def test_the_room_says_so_and_keeps_the_message(script, as_, participant, space):
    path = reverse("space_room", args=[space.pk])
    for _ in range(40):
        assert rates.MESSAGES_AT_ONCE.take(participant.pk)
    headers = {"accept": "application/json"} if script else {}
    response = as_(participant).post(path, {"text": "My words"}, headers=headers)
    assert response.status_code == 403
    assert SENTENCE in (response.json()["why"] if script else response.content.decode())
    assert script or "My words" in response.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.parametrize("page", ["live_hours", "month_materials"])
def test_what_everybody_is_told_of_has_the_same_limit(page, as_, trainer, month, run):
    used_up(trainer)
    last_day = month.space.last_day.isoformat()
    hour = {"title": "Exit tickets", "day": last_day, "starts": "16:00", "ends": "17:00"}
    material = {"run": run.pk, "title": "Exit tickets", "link": "https://school.test/"}
    response = as_(trainer).post(reverse(page, args=[month.pk]), hour | material)
    assert response.status_code == 403
    assert SENTENCE in response.content.decode()
