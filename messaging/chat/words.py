"""The words of the socket that are about rooms. Each does what a form does, through the same action."""

import uuid
from typing import TYPE_CHECKING, Any

from common.access import Refused
from messaging.chat import actions, reactions, reading
from messaging.chat.models import Room, RoomMember
from messaging.live import socket
from messaging.live.frames import write
from messaging.live.tell import passing

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Hear the words of rooms."""
    for word, do in WORDS.items():
        socket.register(word, do)


def _room(user: "User", said: dict[str, Any]) -> Room:
    """The room that was meant; one that is not there and one that is not theirs are refused alike."""
    member = (
        RoomMember.objects.current().filter(user=user, room=int(said["room"])).select_related("room").first()
    )
    if member is None:
        raise Refused
    return member.room


def _client_id(said: dict[str, Any]) -> uuid.UUID:
    return uuid.UUID(str(said["cid"]))


def _send(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    answered = said.get("re")
    entry = actions.post_message(
        room=_room(user, said),
        author=user,
        text=str(said["text"]),
        client_id=_client_id(said),
        re=None if answered is None else int(answered),
    )
    return {"n": entry.number}


def _edit(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    entry = actions.edit_message(
        room=_room(user, said),
        number=int(said["n"]),
        by=user,
        text=str(said["text"]),
        client_id=_client_id(said),
    )
    return {"n": entry.number}


def _withdraw(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    entry = actions.withdraw_message(
        room=_room(user, said), number=int(said["n"]), by=user, client_id=_client_id(said)
    )
    return {"n": entry.number}


def _restore(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    entry = actions.restore_message(
        room=_room(user, said), number=int(said["n"]), by=user, client_id=_client_id(said)
    )
    return {"n": entry.number}


def _react(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    entry = reactions.react(
        room=_room(user, said),
        number=int(said["n"]),
        by=user,
        mark=str(said["mark"]),
        on=said["on"] is True,
        client_id=_client_id(said),
    )
    return {"n": entry.number}


def _readers(user: "User", said: dict[str, Any]) -> dict[str, Any]:
    room = _room(user, said)
    return {"t": "readers", "s": f"room:{room.pk}", "r": reading.readers_of(room, user)}


def _read(user: "User", said: dict[str, Any]) -> None:
    actions.mark_read(room=_room(user, said), user=user, number=int(said["n"]))


def _here(user: "User", said: dict[str, Any]) -> None:
    """Say that one is looking at the room, or typing; refreshed by the browser, forgotten by the others."""
    room = _room(user, said)
    # Asked anew: a socket outlives the choice to be seen or not.
    if type(user).objects.filter(pk=user.pk, shows_presence=True).exists():
        who = {"id": user.pk, "name": user.name}
        passing(
            f"room:{room.pk}", write("here", s=f"room:{room.pk}", who=who, typing=said.get("typing") is True)
        )


WORDS = {
    "send": _send,
    "edit": _edit,
    "withdraw": _withdraw,
    "restore": _restore,
    "react": _react,
    "read": _read,
    "readers": _readers,
    "here": _here,
}
