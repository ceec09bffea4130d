"""Migrations of rows written before posts had search text and referenced messages."""

from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from common import privacy
from community.posts.models import KeptMessage
from community.posts.queries import load_kept_messages
from community.threads.models import Reply, Thread
from messaging.chat.models import Entry
from tests.written import ask, publish, reply_to, say, start

COPY = (
    "**Petra Participant**, 19:29\n\n> How do you cut them?\n>\n> And when?\n\n"
    "**Tamara Trainer**, 19:30\n\n> In half."
)


def migrate_copies():
    import_module("community.migrations.0011_hold_kept_messages").hold_messages(apps, None)


def write_search_text():
    import_module("community.migrations.0008_search_text").write_search_text(apps, None)


@pytest.fixture
def messages(space, participant, trainer):
    return [say(space, participant, "How do you cut them?"), say(space, participant, "And when?"),
            say(space, trainer, "In half.")]  # fmt: skip


def as_before(post, text, messages, path):
    """Make a post as it was stored when messages were copied."""
    type(post).objects.filter(pk=post.pk).update(text=text, html="<p>copy</p>", kept_from=messages[0].number)
    Entry.objects.filter(pk__in=[message.pk for message in messages]).update(kept_path=path)


def test_a_copy_is_replaced_by_its_messages(space, trainer, messages):
    thread = start(space, trainer, title="Cards")
    as_before(thread, COPY, messages, f"/threads/{thread.pk}/")
    migrate_copies()
    thread.refresh_from_db()
    assert (thread.text, thread.html, thread.search_text) == ("", "", "cards\ncard")
    load_kept_messages([thread])
    assert [kept.html for kept in thread.kept_messages] == [message.html for message in messages]


def test_text_added_to_a_copy_stays(space, trainer, participant, messages):
    reply = reply_to(ask(space, participant), trainer)
    as_before(
        reply, f"In short:\n\n{COPY}\n\nThanks!", messages, f"/threads/{reply.thread_id}/?page=1#reply-1"
    )
    migrate_copies()
    reply.refresh_from_db()
    assert reply.text.split() == ["In", "short:", "Thanks!"]
    assert KeptMessage.objects.filter(post_kind="reply", post_id=reply.pk).count() == 3


def test_a_copy_whose_messages_are_not_found_stays_as_it_is(space, trainer, messages):
    thread = start(space, trainer)
    as_before(thread, COPY, messages[:2], f"/threads/{thread.pk}/")
    migrate_copies()
    thread.refresh_from_db()
    assert thread.text == COPY
    assert not KeptMessage.objects.exists()


def assert_copy_stays(post, text):
    migrate_copies()
    post.refresh_from_db()
    assert post.text == text
    assert not KeptMessage.objects.filter(post_kind=post.KIND, post_id=post.pk).exists()


def test_a_copy_stays_when_one_of_its_messages_was_kept_again(space, trainer, messages):
    thread = start(space, trainer, title="Cards")
    as_before(thread, COPY, messages, f"/threads/{thread.pk}/")
    again = start(space, trainer, title="When")
    as_before(again, "**Petra Participant**, 19:29\n\n> And when?", [messages[1]], f"/threads/{again.pk}/")
    assert_copy_stays(thread, COPY)
    again.refresh_from_db()
    assert again.text == ""


def test_a_copy_stays_when_its_text_was_changed(space, trainer, participant):
    message = say(space, participant, "Little Peter\n\ncried.")
    copy = "**Petra Participant**, 19:29\n\n> Little Peter\n>\n> cried."
    exact, changed = start(space, trainer), start(space, trainer)
    as_before(exact, copy, [message], f"/threads/{exact.pk}/")
    migrate_copies()
    exact.refresh_from_db()
    assert exact.text == ""
    redacted = copy.replace("Little Peter", "A pupil")
    as_before(changed, redacted, [message], f"/threads/{changed.pk}/")
    assert_copy_stays(changed, redacted)


def test_a_copy_of_the_text_of_an_erased_user_is_replaced(space, trainer, participant, messages):
    zone = ZoneInfo(space.time_zone)
    copy = COPY.replace("19:29", f"{messages[0].at.astimezone(zone):%H:%M}")
    thread = start(space, trainer)
    as_before(thread, copy, messages, f"/threads/{thread.pk}/")
    privacy.erase(participant)
    migrate_copies()
    thread.refresh_from_db()
    assert thread.text == ""


def test_old_rows_get_their_search_text(space, participant):
    thread = start(space, participant, title="Pencils")
    reply = reply_to(thread, participant, "Scissors")
    practice = publish(space, participant, change="Paper")
    posts = (thread, reply, practice)
    made = [post.search_text for post in posts]
    for post in posts:
        type(post).objects.update(search_text="")
    write_search_text()
    for post, before in zip(posts, made, strict=True):
        post.refresh_from_db()
        assert post.search_text == before
    assert (
        Thread.objects.exclude(search_text="").count() == Reply.objects.exclude(search_text="").count() == 1
    )
