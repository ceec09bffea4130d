"""Quoting a post in a reply, without a script."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from common.sources import SIGN
from community.people import drafts
from community.posts.actions import withdraw
from community.posts.quotations import erase_name, quotation, with_quotation
from community.practices.comment_queries import comment_path
from community.threads.models import Reply
from community.threads.news import reply_path
from tests import written
from tests.cast import Cast, close_now

QUOTED = "> [Ann](http://site/replies/1/):\n> So did I.\n\n"


def box_of(client: Client, thread: int, quote: str) -> str:
    page = client.get(reverse("thread", args=[thread]), {"quote": quote})
    return str(page.context["form"]["text"].value() or "")


def reply_in(cast: Cast) -> Reply:
    return written.reply_to(
        written.start(cast.space, cast.trainer), cast.trainer, "I tried *this*.\n\nAnd that."
    )


def test_a_quotation_says_who_said_it_and_links_to_it(cast: Cast, as_: Callable[..., Client]) -> None:
    reply = reply_in(cast)
    assert box_of(as_(cast.participant), reply.thread_id, f"reply-{reply.pk}") == (
        f"> [{cast.trainer.name}](http://testserver/replies/{reply.pk}/):\n> I tried this. And that.\n\n"
    )
    opening = box_of(as_(cast.participant), reply.thread_id, f"thread-{reply.thread_id}")
    assert f"(http://testserver/threads/{reply.thread_id}/)" in opening


def test_nothing_is_quoted_that_is_not_of_this_conversation_or_not_for_the_reader(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    reply, elsewhere = reply_in(cast), reply_in(cast)
    hidden = written.ask_trainer(cast.space, cast.another_participant)
    withdraw(post=reply, by=cast.trainer)
    others = (
        f"reply-{elsewhere.pk}",
        f"thread-{hidden.pk}",
        f"reply-{reply.pk}",
        "practice-1",
        "reply-x",
        "-",
    )
    assert {box_of(as_(cast.participant), reply.thread_id, quote) for quote in others} == {""}


def test_a_quotation_stands_once_behind_the_draft(cast: Cast, as_: Callable[..., Client]) -> None:
    reply = reply_in(cast)
    path = reverse("thread", args=[reply.thread_id])
    drafts.save(user=cast.participant, path=path, title="", fields={"text": "I wonder."})
    box = box_of(as_(cast.participant), reply.thread_id, f"reply-{reply.pk}")
    assert box.startswith("I wonder.\n\n> [")
    assert with_quotation(box, QUOTED) == f"{box.rstrip()}\n\n{QUOTED}"
    assert with_quotation(box.replace("I wonder.", QUOTED), QUOTED).count("[Ann]") == 1


def test_a_draft_of_the_editor_gets_it_as_html(cast: Cast) -> None:
    text = with_quotation(f"{SIGN}<p>I wonder.</p>", QUOTED)
    assert text.startswith(f"{SIGN}<p>I wonder.</p><blockquote>")
    assert '<a href="http://site/replies/1/"' in text
    assert with_quotation(text, QUOTED) == text


def test_signs_of_marks_in_a_name_do_not_break_the_link() -> None:
    assert quotation(name="A_n[n]", address="/1/", html="<p>Yes</p>") == "> [Ann](/1/):\n> Yes\n\n"


def test_quoting_is_offered_to_those_who_may_reply(cast: Cast, as_: Callable[..., Client]) -> None:
    reply = reply_in(cast)
    path = reverse("thread", args=[reply.thread_id])
    offer = f'href="{path}?quote=reply-{reply.pk}#reply"'
    assert offer in as_(cast.participant).get(path, {"page": 1}).content.decode()
    close_now(cast.space)
    assert offer not in as_(cast.participant).get(path, {"page": 1}).content.decode()


def test_who_is_erased_is_named_in_no_quotation_of_theirs(cast: Cast) -> None:
    quoted, name = reply_in(cast), cast.trainer.name
    practice = written.publish(cast.space, cast.trainer)
    comment = written.comment_on(practice, cast.trainer)
    thread = quoted.thread
    other = f"http://testserver{reply_path(written.reply_to(thread, cast.participant))}"
    typed = quotation(name=name, address=f"http://testserver{reply_path(quoted)}", html=quoted.html)
    made = written.reply_to(thread, cast.participant, f"{typed}And [{name}]({other}), who has the same name.")
    link = f'<a href="http://testserver{comment_path(comment)}">{name}</a>'
    drawn = written.comment_on(
        practice, cast.participant, f"{SIGN}<blockquote><p>{link}:</p><p>Why?</p></blockquote><p>So.</p>"
    )
    erase_name(cast.trainer)
    made.refresh_from_db()
    assert made.text.startswith(f"> [—](http://testserver/replies/{quoted.pk}/):\n> I tried this.")
    assert (made.html.count(f">{name}</a>"), made.html.count(">—</a>")) == (1, 1)
    drawn.refresh_from_db()
    for text in (drawn.text, drawn.html, drawn.search_text):
        assert name.casefold() not in text.casefold()
