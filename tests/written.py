"""Words that the cast writes in tests, in one line each."""

import uuid
from typing import Any

from community.people.models import User
from community.practices.actions import PracticeText, publish_practice
from community.practices.comment_actions import post_comment
from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.spaces.models import Space
from community.threads.actions import post_reply, start_thread
from community.threads.models import Reply, Thread
from messaging.chat.actions import post_message
from messaging.chat.models import Entry


def start(space: Space, author: User, **more: Any) -> Thread:
    """A conversation, unless told otherwise."""
    usual: dict[str, Any] = {
        "kind": Thread.Kind.CONVERSATION,
        "audience": Thread.Audience.EVERYONE,
        "title": "Exit tickets in year 5",
        "text": "I tried them on *Tuesday*.",
        "client_id": uuid.uuid4(),
    }
    return start_thread(space=space, author=author, **(usual | more))


def ask(space: Space, author: User, **more: Any) -> Thread:
    """A question of everyone."""
    return start(space, author, **({"kind": Thread.Kind.QUESTION, "title": "What if half are lost?"} | more))


def ask_trainer(space: Space, author: User, **more: Any) -> Thread:
    """A question of the trainer only."""
    return ask(space, author, audience=Thread.Audience.ANSWERERS, **more)


def reply_to(thread: Thread, author: User, text: str = "So did I.", **more: Any) -> Reply:
    """A reply."""
    usual: dict[str, Any] = {"tried": False, "client_id": uuid.uuid4()}
    return post_reply(thread=thread, author=author, text=text, **(usual | more))


def publish(space: Space, author: User, builds_on: Practice | None = None, **words: Any) -> Practice:
    """A practice, or a try-out."""
    usual = {
        "title": "Two minutes of silence",
        "context": "Year 7, restless.",
        "tried": "We were silent.",
        "happened": "It helped.",
    }
    fields = PracticeText(**(usual | words))
    return publish_practice(
        space=space, author=author, fields=fields, builds_on=builds_on, client_id=uuid.uuid4()
    )


def say(space: Space, author: User, text: str = "How did it go?") -> Entry:
    """A message in the room."""
    return post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4())


def comment_on(practice: Practice, author: User, text: str = "How long did it take?", **more: Any) -> Comment:
    """A comment on a practice, or with `asks` a question to its author."""
    return post_comment(practice=practice, author=author, text=text, **({"client_id": uuid.uuid4()} | more))
