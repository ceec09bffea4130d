"""Creates people with sessions and the rooms they are members of, by the thousand. Runs in `manage.py shell`
of a new installation."""

import datetime as dt
import json
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.sentences import sentence

if TYPE_CHECKING:
    from community.people.models import User
    from messaging.models import RoomMember

BATCH = 2_000


def create_members(file: str, *, people: int, rooms: int) -> None:
    """Create people with sessions, each a member of one room; write what a client needs of each to a file."""
    from django.contrib.auth.hashers import make_password

    from common import clock
    from community.people.models import User
    from messaging.models import Room, RoomMember

    password = make_password(None)
    since = clock.now() - dt.timedelta(days=30)
    users = User.objects.bulk_create(
        [
            User(name=f"Member {number}", password=password, joined_at=since, language="en")
            for number in range(people)
        ],
        batch_size=BATCH,
    )
    room_rows = Room.objects.bulk_create([Room() for _ in range(rooms)])
    members = RoomMember.objects.bulk_create(
        [
            RoomMember(room=room_rows[number % rooms], user=user, role="participant", admitted_at=since)
            for number, user in enumerate(users)
        ],
        batch_size=BATCH,
    )
    Path(file).write_text(json.dumps(list(with_sessions(users, members))))


def with_sessions(users: "list[User]", members: "list[RoomMember]") -> "Iterator[dict[str, Any]]":
    """Create a session for each of these people; yields what a client needs, a ticket included."""
    from django.conf import settings
    from django.contrib.sessions.models import Session
    from django.utils.crypto import get_random_string

    from common import clock
    from common.sessions import stored_key
    from messaging.live import ticket

    store = import_module(settings.SESSION_ENGINE).SessionStore
    ends = clock.now() + dt.timedelta(days=1)
    sessions = []
    for user, member in zip(users, members, strict=True):
        signed = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[0],
            "_auth_user_hash": user.get_session_auth_hash(),
        }
        key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        sessions.append(
            Session(session_key=stored_key(key), session_data=store().encode(signed), expire_date=ends)
        )
        streams = {f"room:{member.room_id}": 0, f"person:{user.pk}": 0}
        yield {
            "person": user.pk,
            "room": member.room_id,
            "session": key,
            "ticket": ticket.issue(user, key, streams),
        }
    Session.objects.bulk_create(sessions, batch_size=BATCH)


def create_month(file: str) -> None:
    """Create a month with threads, one of them with twenty replies, and a member who reads it."""
    import uuid

    from community.threads.actions import post_reply, start_thread
    from messaging.models import RoomMember
    from tests.cast import create_cast, join, person

    cast = create_cast()
    members = [person(f"Colleague {number}") for number in range(25)]
    for member in members:
        join(cast.space, member)
    for number in range(30):
        thread = start_thread(
            space=cast.space,
            author=members[number % len(members)],
            kind="conversation",
            audience="everyone",
            title=f"What I tried in week {number}",
            text=" ".join(sentence() for _ in range(4)),
            client_id=uuid.uuid4(),
        )
        for reply in range(20 if number == 0 else number % 4):
            post_reply(
                thread=thread,
                author=members[(number + reply) % len(members)],
                text=" ".join(sentence() for _ in range(4)),
                tried=reply % 3 == 0,
                client_id=uuid.uuid4(),
            )
        if number == 0:
            longest = thread
    pages = {"space": f"/spaces/{cast.space.pk}/", "thread": f"/threads/{longest.pk}/", "Today": "/"}
    membership = RoomMember.objects.filter(room=cast.space.room)
    (reader,) = with_sessions([cast.participant], [membership.get(user=cast.participant)])
    Path(file).write_text(json.dumps({"session": reader["session"], "pages": pages}))


def dump_logs(file: str) -> None:
    """Write the log of each room to a file: its last number, and the number and client id of each entry."""
    from messaging.models import Entry, Room

    rows = Entry.objects.order_by("room", "number").values_list("room", "number", "client_id")
    logs = {
        room: [(number, str(cid)) for _room, number, cid in entries]
        for room, entries in groupby(rows.iterator(), key=lambda row: row[0])
    }
    lasts = dict(Room.objects.values_list("pk", "last_number"))
    Path(file).write_text(json.dumps({"logs": logs, "lasts": lasts}))
