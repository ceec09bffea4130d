"""The form of a post: its draft, and a refusal that keeps what was typed."""

import pytest
from django.urls import reverse

from common.access import Refused
from community.people import drafts
from community.threads.models import Thread
from tests.written import publish, reply_to, start


def draft(user, path, **fields):
    drafts.save(user=user, path=path, title="Draft", fields=fields)


def test_a_draft_replaces_what_was_written_as_a_whole(as_, space, participant):
    reply = reply_to(start(space, participant), participant, tried=True)
    path = reverse("reply_edit", args=[reply.pk])
    draft(participant, path, text="Half a sentence")
    form = as_(participant).get(path).context["form"]
    assert form.initial == {"text": "Half a sentence"}


def test_a_draft_without_a_language_is_in_that_of_the_space(as_, space, participant):
    path = reverse("question_new", args=[space.pk])
    draft(participant, path, title="From the room?")
    form = as_(participant).get(path).context["form"]
    assert form.initial == {"language": space.language, "title": "From the room?"}


@pytest.mark.parametrize("name", ["thread_edit", "reply_edit", "practice_edit"])
def test_an_edit_that_is_refused_keeps_what_was_typed(as_, space, participant, monkeypatch, name):
    thread = start(space, participant)
    post = {
        "thread_edit": thread,
        "reply_edit": reply_to(thread, participant),
        "practice_edit": publish(space, participant),
    }[name]

    def refuse(**_words):
        raise Refused("It was was removed.")

    for action in ("edit_thread", "edit_reply", "community.practices.actions.edit_practice"):
        target = action if "." in action else f"community.threads.actions.{action}"
        monkeypatch.setattr(target, refuse)
    path = reverse(name, args=[post.pk])
    words = {part: f"New {part}" for part in ("title", "text", "context", "tried", "happened")}
    draft(participant, path, text="Begun")
    answer = as_(participant).post(path, {**words, "language": "en"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "It was was removed." in page
    assert "New t" in page
    assert drafts.get_draft(participant, path)["fields"] == {"text": "Begun"}


def test_discarding_the_draft_shows_the_form_as_it_was(as_, space, participant):
    thread = start(space, participant, title="Exit tickets")
    path = reverse("thread_edit", args=[thread.pk])
    draft(participant, path, title="Exit")
    answer = as_(participant).post(path, {"discard_draft": "1"}, follow=True)
    assert answer.context["form"].initial["title"] == "Exit tickets"
    assert Thread.objects.get().title == "Exit tickets"
