"""The pages of conversations."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from community.people.models import Draft
from community.posts import actions as posts
from community.threads import actions
from community.threads.models import Reply, Thread
from followup.courses.roles import SpaceRole
from tests.cast import close_now, join, person
from tests.written import ask, ask_trainer, publish, reply_to, start


def page(client, name, *args, query=""):
    return client.get(reverse(name, args=args) + query)


def text_in(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def queries(client, url):
    """How many queries a page takes that its reader has opened before."""
    client.get(url)
    with CaptureQueriesContext(connection) as taken:
        client.get(url)
        return len(taken)


def test_a_space_opens_with_pinned_conversations_then_the_newest(as_, space, participant, trainer):
    pinned = start(space, trainer, title="Read me first")
    older = start(space, participant, title="Older")
    start(space, participant, title="Newer")
    actions.pin(thread=pinned, by=trainer)
    reply_to(older, trainer)
    shown = page(as_(participant), "space", space.pk).context["page"].object_list
    assert [thread.title for thread in shown] == ["Read me first", "Older", "Newer"]


def test_a_list_shows_the_first_words_and_the_author(as_, space, participant, trainer):
    start(space, trainer, title="Stems", text="A **page** to cut up.")
    text = text_in(page(as_(participant), "space", space.pk))
    assert "Tamara Trainer , trainer: A page to cut up." in text
    assert "1 new" in text


def test_the_unanswered_questions_come_first_the_oldest_on_top(as_, space, participant, trainer):
    answered = ask(space, participant, title="Answered")
    actions.accept_answer(reply=reply_to(answered, trainer), by=participant)
    ask(space, participant, title="First")
    ask(space, participant, title="Second")
    start(space, participant, title="No question")
    shown = page(as_(participant), "space_questions", space.pk).context["page"].object_list
    assert [thread.title for thread in shown] == ["First", "Second", "Answered"]


def test_a_question_for_the_trainer_only_is_unknown_to_everybody_else(as_, cast):
    question = ask_trainer(cast.space, cast.participant, title="Between us")
    for who, status in {
        "participant": 200,
        "trainer": 200,
        "another_participant": 404,
        "coordinator": 404,
        "evaluator": 404,
        "stranger": 404,
    }.items():
        client = as_(cast.who(who))
        assert page(client, "thread", question.pk).status_code == status, who
        if who != "stranger":
            listed = text_in(page(client, "space", cast.space.pk)) + text_in(
                page(client, "space_questions", cast.space.pk)
            )
            assert ("Between us" in listed) == (status == 200), who


def test_asking_stores_the_language_chosen_and_deletes_the_draft(as_, space, participant):
    url = reverse("question_new", args=[space.pk])
    Draft.objects.create(user=participant, place=url, fields={"title": "Half"})
    client = as_(participant)
    response = client.post(url, {"title": "Why?", "text": "", "language": "hu", "audience": "answerers"})
    thread = Thread.objects.get()
    assert response.headers["Location"] == reverse("thread", args=[thread.pk])
    assert "Asked. You’ll be notified" in text_in(client.get(response.headers["Location"]))
    assert (thread.kind, thread.audience, thread.language) == ("question", "answerers", "hu")
    assert not Draft.objects.exists()


def test_a_duplicate_form_makes_one_thread_and_another_text_another(as_, space, participant):
    client, url = as_(participant), reverse("thread_new", args=[space.pk])
    written = {"title": "Once", "text": "x", "language": "en", "client_id": str(uuid.uuid4())}
    client.post(url, written)
    client.post(url, written)
    assert Thread.objects.count() == 1
    client.post(url, written | {"text": "I went back and wrote on"})
    assert Thread.objects.count() == 2


def test_each_form_has_its_own_client_id(as_, space, participant):
    client = as_(participant)
    made = {page(client, "thread_new", space.pk).context["form"]["client_id"].value() for _ in range(2)}
    assert len(made) == 2


def test_the_typed_text_stays_when_a_field_is_missing(as_, space, participant):
    response = as_(participant).post(
        reverse("thread_new", args=[space.pk]), {"title": "", "text": "Long thoughts", "language": "en"}
    )
    assert response.status_code == 200
    assert "Long thoughts" in response.content.decode()
    assert not Thread.objects.exists()


def test_a_text_over_the_limit_is_refused_with_the_number_and_kept(as_, space, participant, settings):
    settings.TEXT_LIMIT_CHARS = 10
    thread = start(space, participant, text="")
    response = as_(participant).post(reverse("thread", args=[thread.pk]), {"text": "twelve signs"})
    assert "2 characters over the limit of 10" in text_in(response)
    assert "twelve signs" in response.content.decode()
    assert not Reply.objects.exists()


def test_crlf_line_ends_count_once(as_, space, participant, settings):
    settings.TEXT_LIMIT_CHARS = 5
    thread = start(space, participant, text="")
    as_(participant).post(reverse("thread", args=[thread.pk]), {"text": "a\r\nb\r\nc"})
    assert Reply.objects.get().text == "a\nb\nc"


def test_a_draft_fills_the_form_and_can_be_discarded(as_, space, participant):
    thread = start(space, participant)
    url = reverse("thread", args=[thread.pk])
    Draft.objects.create(user=participant, place=url, fields={"text": "I had begun"})
    client = as_(participant)
    assert "I had begun" in client.get(url).content.decode()
    client.post(url, {"discard_draft": "1", "text": "I had begun"})
    assert "I had begun" not in client.get(url).content.decode()
    assert not Reply.objects.exists()


def test_the_draft_of_a_question_is_in_no_other_form(as_, space, participant):
    asking = reverse("question_new", args=[space.pk])
    Draft.objects.create(user=participant, place=asking, fields={"title": "My head", "audience": "answerers"})
    client = as_(participant)
    form = client.get(asking).context["form"]
    assert (form["title"].value(), form["audience"].value()) == ("My head", "answerers")
    assert "My head" not in page(client, "thread_new", space.pk).content.decode()


def test_an_edit_is_saved_as_a_draft_too(as_, space, participant, trainer):
    reply = reply_to(start(space, trainer), participant, "As it was", tried=True)
    url = reverse("reply_edit", args=[reply.pk])
    Draft.objects.create(user=participant, place=url, fields={"text": "As it will be"})
    client = as_(participant)
    form = client.get(url).context["form"]
    assert (form["text"].value(), bool(form["tried"].value())) == ("As it will be", False)
    client.post(url, {"text": "As it will be"})
    assert not Draft.objects.exists()


def test_after_the_end_a_reply_is_refused_and_offered_as_a_practice(as_, space, participant):
    thread = start(space, participant)
    close_now(space)
    client = as_(participant)
    response = client.post(reverse("thread", args=[thread.pk]), {"text": "Too late by a minute"})
    assert response.status_code == 403
    assert "The discussion closed on" in text_in(response)
    assert "Too late by a minute" in response.content.decode()
    assert "Write it up instead" in text_in(response)
    brought = client.post(
        reverse("practice_new", args=[space.pk]), {"text": "Too late by a minute", "as_practice": "1"}
    )
    assert brought.status_code == 200
    assert brought.context["form"]["happened"].value() == "Too late by a minute"
    assert not Reply.objects.exists()


def test_after_the_end_starting_is_refused_and_a_practice_offered(as_, space, participant):
    close_now(space)
    response = as_(participant).post(
        reverse("thread_new", args=[space.pk]), {"title": "Late", "text": "Words", "language": "en"}
    )
    assert response.status_code == 403
    assert "Late" in response.content.decode()
    assert reverse("practice_new", args=[space.pk]) in response.content.decode()


def test_an_evaluator_reads_and_sees_why_they_may_not_write(as_, space, participant, evaluator):
    thread = start(space, participant)
    client = as_(evaluator)
    shown = page(client, "thread", thread.pk)
    assert "only members of this space can write" in text_in(shown)
    refused = client.post(reverse("thread", args=[thread.pk]), {"text": "Well"})
    assert refused.status_code == 403
    assert "Write it up instead" not in text_in(refused)


def test_a_first_visit_opens_at_the_top_and_the_next_at_the_first_new_reply(as_, space, participant, trainer):
    thread = start(space, participant)
    for _ in range(34):
        reply_to(thread, trainer)
    client = as_(participant)
    assert page(client, "thread", thread.pk).context["shown"].page == 1
    assert "New since you were here" not in text_in(page(client, "thread", thread.pk, query="?page=1"))
    again = page(client, "thread", thread.pk)
    assert again.headers["Location"] == f"/threads/{thread.pk}/?page=2#reply-31"
    shown = page(client, "thread", thread.pk, query="?page=2")
    assert shown.context["shown"].first_new == 31
    assert "New since you were here" in text_in(shown)
    assert page(client, "thread", thread.pk).status_code == 200


def test_the_list_leads_to_the_first_new_reply(as_, space, participant, trainer):
    thread = start(space, participant)
    client = as_(participant)
    page(client, "thread", thread.pk)
    reply_to(thread, trainer)
    assert f'href="/threads/{thread.pk}/?page=1#reply-1"' in page(client, "space", space.pk).content.decode()


def test_posting_redirects_to_the_reply(as_, space, participant, trainer):
    thread = start(space, trainer)
    for _ in range(30):
        reply_to(thread, trainer)
    response = as_(participant).post(reverse("thread", args=[thread.pk]), {"text": "Mine", "tried": "on"})
    assert response.headers["Location"] == f"/threads/{thread.pk}/?page=2#reply-31"
    assert Reply.objects.get(author=participant).tried


def test_a_withdrawn_reply_leaves_a_placeholder_only_if_others_follow(as_, space, participant, trainer):
    thread = start(space, participant)
    first, second = reply_to(thread, trainer, "One thing"), reply_to(thread, trainer, "Another thing")
    client = as_(participant)
    posts.withdraw(post=first, by=trainer)
    shown = text_in(page(client, "thread", thread.pk))
    assert "Tamara Trainer deleted this." in shown
    assert "One thing" not in shown
    posts.withdraw(post=second, by=trainer)
    page(client, "thread", thread.pk)
    assert "deleted this" not in text_in(page(client, "thread", thread.pk, query="?page=1"))
    assert "Restore" in text_in(page(as_(trainer), "thread", thread.pk))


def test_the_buttons_withdraw_and_restore(as_, space, participant, trainer):
    thread = start(space, participant, text="Secret thoughts")
    client = as_(participant)
    assert "You deleted this" in text_in(
        client.post(reverse("thread_withdraw", args=[thread.pk]), follow=True)
    )
    assert "Secret thoughts" not in text_in(page(as_(trainer), "thread", thread.pk))
    assert "Exit tickets" not in text_in(page(as_(trainer), "space", space.pk))
    assert "Secret thoughts" in text_in(client.post(reverse("thread_restore", args=[thread.pk]), follow=True))


def test_a_withdrawn_thread_stays_in_the_list_if_it_has_replies(as_, space, participant, trainer):
    thread = start(space, participant)
    reply_to(thread, trainer)
    posts.withdraw(post=thread, by=participant)
    assert "A deleted conversation" in text_in(page(as_(trainer), "space", space.pk))
    assert "So did I" in text_in(page(as_(trainer), "thread", thread.pk))


def test_the_edit_form_is_filled_and_redirects_to_the_reply(as_, space, participant, trainer):
    thread = start(space, participant)
    reply = reply_to(thread, participant, "Teh words")
    client, url = as_(participant), reverse("reply_edit", args=[reply.pk])
    assert "Teh words" in client.get(url).content.decode()
    response = client.post(url, {"text": "The words"})
    assert response.headers["Location"] == f"/replies/{thread.replies.get().pk}/"
    assert as_(trainer).get(url).status_code == 403
    assert "changed" in text_in(page(client, "thread", thread.pk))


def test_the_buttons_of_a_question_accept_and_unaccept(as_, space, participant, trainer):
    question = ask(space, participant)
    answer = reply_to(question, trainer)
    client = as_(participant)
    client.post(reverse("reply_accept", args=[answer.pk]))
    assert "Go to the answer" in text_in(page(client, "thread", question.pk))
    client.post(reverse("thread_unaccept", args=[question.pk]))
    assert "Needs an answer" in text_in(page(client, "thread", question.pk))


def test_mark_all_as_read(as_, space, participant, trainer):
    for _ in range(3):
        reply_to(start(space, trainer), trainer)
    client = as_(participant)
    assert "Mark all as read" in text_in(page(client, "space", space.pk))
    assert "Mark all as read" not in text_in(client.post(reverse("space_read", args=[space.pk]), follow=True))


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "![x](https://evil.example/pixel.gif)",
    "<svg/onload=alert(1)>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<div style='position:fixed'>over everything</div>",
    "<form action=/accounts/><input name=password></form>",
    "`<script>alert(1)</script>`",
    '"><script>alert(1)</script>',
    "<p class='button' id='main'>x</p>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_html_sent_through_the_form_is_escaped(as_, space, participant, trainer, attack):
    client = as_(participant)
    client.post(
        reverse("thread_new", args=[space.pk]), {"title": attack[:160], "text": attack, "language": "en"}
    )
    thread = Thread.objects.get()
    client.post(reverse("thread", args=[thread.pk]), {"text": attack})
    reader = as_(trainer)
    for response in (page(reader, "space", space.pk), page(reader, "thread", thread.pk)):
        body = response.content.decode()
        assert "<script>alert" not in body
    for html in (thread.html, Reply.objects.get().html):
        assert not re.search(r"<(script|img|svg|iframe|div|form|input|object)\b", html, re.I)
        assert not re.search(r"<[^>]*\s(on\w+|style|class|id|src)\s*=", html, re.I)
        assert not re.search(r'href="\s*(javascript|data):', html, re.I)


def test_a_list_takes_a_constant_number_of_queries(as_, cast):
    def fill(many, offset):
        for number in range(offset, offset + many):
            author = person(f"Author {number}")
            join(cast.space, author, role=SpaceRole.TRAINER if number % 2 else "participant")
            thread = ask(cast.space, author)
            answer = reply_to(thread, cast.trainer)
            if number % 2:
                actions.accept_answer(reply=answer, by=author)
            publish(cast.space, cast.trainer, builds_on=publish(cast.space, author))

    names = ("space", "space_questions", "space_practices", "space_people")
    client, urls = as_(cast.participant), [reverse(name, args=[cast.space.pk]) for name in names]
    fill(3, 0)
    few = [queries(client, url) for url in urls]
    fill(37, 3)
    assert [queries(client, url) for url in urls] == few
    assert min(few) > 2


def test_a_thread_takes_a_constant_number_of_queries(as_, cast):
    thread = ask(cast.space, cast.participant)

    def fill(many, offset):
        for number in range(offset, offset + many):
            author = person(f"Author {number}")
            join(cast.space, author)
            reply = reply_to(thread, author)
            if number % 3 == 0:
                posts.withdraw(post=reply, by=author)

    client = as_(cast.trainer)
    fill(3, 0)
    url = reverse("thread", args=[thread.pk]) + "?page=1"
    few = queries(client, url)
    fill(26, 3)
    assert queries(client, url) == few > 5


def test_waiting_since_is_shown_as_text(as_, space, participant):
    with clock.at(clock.now()):
        ask(space, participant)
        assert "waiting since today" in text_in(page(as_(participant), "space_questions", space.pk))


def test_editing_a_reply_does_not_show_the_title_of_a_withdrawn_thread(as_, cast):
    thread = start(cast.space, cast.trainer, title="My head says no")
    reply = reply_to(thread, cast.participant)
    posts.withdraw(post=thread, by=cast.trainer)
    page = as_(cast.participant).get(reverse("reply_edit", args=[reply.pk]))
    assert page.status_code == 200
    assert "My head says no" not in page.content.decode()


def test_a_page_number_out_of_range_shows_the_last_page(as_, cast):
    thread = start(cast.space, cast.trainer)
    assert page(as_(cast.participant), "thread", thread.pk, query="?page=" + "9" * 5000).status_code == 200


def test_who_writes_in_a_conversation_stands_beside_it(as_, space, participant, trainer):
    thread = start(space, trainer)
    client, url = as_(participant), reverse("thread", args=[thread.pk])
    assert "In this conversation" not in client.get(url).content.decode()
    for author in (participant, trainer):
        reply_to(thread, author)
    page = client.get(url, {"page": 1})
    assert [writer.name for writer in page.context["writers"]] == [trainer.name, participant.name]
    assert "In this conversation" in page.content.decode()
