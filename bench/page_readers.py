"""Who reads which pages of a programme (`manage.py load_programme`), with a session. Runs where Django
is set up."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings

from common.sessions import SessionStore
from community.people.models import User
from community.practices.models import Practice
from community.spaces.models import Membership, Space
from community.threads.actions import post_reply
from community.threads.models import Thread
from community.unread.actions import advance
from followup.courses.models import Run
from followup.demo import programme
from followup.months.models import Month
from messaging.chat.models import Entry
from messaging.notifications.models import Notification

TOLD = (4, 6)
"""Between so many replies has a conversation that is replied to, so about as many are told of a reply."""
POSTERS = 10
"""How many participants of each space post replies."""
SEARCHES = ("search for a common word", "search for two words", "search for nothing")
SOME = ("Today", "thread of 20", "space", "practices", "room")


@dataclass(frozen=True)
class Reader:
    """Somebody who reads pages of the space with a number: all pages, or those named."""

    name: str
    address: str
    space: int
    pages: tuple[str, ...] = ()


READERS = (
    Reader("member", programme.member_address(0, 0), 0),
    Reader("member with news", programme.member_address(0, 1), 0, ("Today", "space", "room", "news")),
    Reader("member of a huge room", programme.member_address(3, 0), 3, (*SOME, *SEARCHES)),
    Reader("member who was never there", programme.member_address(3, 2), 3, ("Today", "space", "room")),
    Reader("trainer of 7", programme.trainer_address(0), 0, (*SOME, "people", "steps", "desk")),
    Reader("trainer of 40", programme.trainer_address(7), 7, (*SOME, "people", "steps", "desk")),
    Reader(
        "coordinator of all",
        f"coordinator@{programme.DOMAIN}",
        0,
        (*SOME, "people", "news", "desk", "months of the desk", "courses of the desk", "course group"),
    ),
)
"""The first participant of a space has read everything, the third has never been there."""
STAFF_PAGES = {"desk", "months of the desk", "courses of the desk", "course group"}


def pages_of(reader: Reader) -> dict[str, str]:
    """The paths of the pages that somebody reads, by their names; empty if the programme is too small to have
    this reader."""
    pk = reader.space + 1
    if not User.objects.filter(email=reader.address).exists() or not Month.objects.filter(space=pk).exists():
        return {}
    month = Month.objects.get(space=pk)
    thread = Thread.objects.filter(space=pk).order_by("pk")[0].pk
    practice = Practice.objects.filter(space=pk).order_by("pk")[0].pk
    first = Entry.objects.filter(room__space=pk).order_by("number")[0]
    words = sorted(set(first.folded.split()), key=lambda word: (-len(word), word)) or ["and"]
    run = Run.objects.filter(month_run__month=month).order_by("pk")[0].pk
    paths = {
        "Today": "/",
        "thread of 20": f"/threads/{thread}/",
        "space": f"/spaces/{pk}/",
        "questions": f"/spaces/{pk}/questions/",
        "practices": f"/spaces/{pk}/practices/",
        "practice": f"/practices/{practice}/",
        "people": f"/spaces/{pk}/people/",
        "steps": f"/months/{month.pk}/steps/",
        "live hours": f"/months/{month.pk}/hours/",
        "materials": f"/months/{month.pk}/materials/",
        "room": f"/spaces/{pk}/room/",
        "search for a common word": f"/spaces/{pk}/room/search/?q={quote(words[0])}",
        "search for two words": f"/spaces/{pk}/room/search/?q={quote(' '.join(words[:2]))}",
        "search for nothing": f"/spaces/{pk}/room/search/?q=xyzzyx",
        "news": "/news/",
        "desk": "/desk/",
        "months of the desk": "/desk/months/",
        "courses of the desk": "/desk/courses/",
        "course group": f"/runs/{run}/",
    }
    wanted = reader.pages or paths.keys() - {*STAFF_PAGES, *SEARCHES}
    return {name: path for name, path in paths.items() if name in wanted}


@contextmanager
def replied(reader: Reader) -> Iterator[None]:
    """Somebody else has replied in the newest conversation of the reader's space; afterwards nobody has."""
    thread = Thread.objects.filter(space=reader.space + 1, kind=Thread.Kind.CONVERSATION).latest("pk")
    members = Membership.objects.current().filter(space=thread.space, user__email__startswith="member-")
    author = members.exclude(user__email=reader.address).select_related("user").order_by("-pk")[0].user
    reply = post_reply(thread=thread, author=author, client_id=uuid4(), text="It went well.", tried=False)
    try:
        yield
    finally:
        thread.save(update_fields=["last_number", "last_post_at"])
        Notification.objects.filter(thing_kind=Thread.KIND, thing_id=thread.pk, by=author).delete()
        reply.delete()
        advance([thread.space_id])


def sign_in(address: str) -> str:
    """The key of a new session of somebody."""
    user = User.objects.get(email=address)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def write_plan(file: str) -> None:
    """Write what a client needs to a file: the pages of the first participant, who has read everything, and a
    session; and for many participants a session and a conversation that they reply to."""
    reader = READERS[0]
    posters = []
    threads = Thread.objects.filter(space__kind=Month.SPACE_KIND, kind=Thread.Kind.CONVERSATION)
    for space in Space.objects.order_by("pk"):
        replied_to = threads.filter(space=space, last_number__range=TOLD).order_by("-pk").first()
        members = Membership.objects.filter(space=space, user__email__startswith="member-")
        if replied_to is not None:
            posters += [
                (sign_in(member.user.email), f"/threads/{replied_to.pk}/")
                for member in members.exclude(came_in_at=None).select_related("user")[:POSTERS]
            ]
    plan = {"session": sign_in(reader.address), "pages": pages_of(reader), "posters": posters}
    Path(file).write_text(json.dumps(plan))
