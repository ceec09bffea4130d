"""The commands of the socket that are about rooms. Each does what a form does, through the same use-case.

Frequent commands do not wait for a thread: new messages go to the writer, read marks are queued and written
together, and presence is not stored at all.
"""

import asyncio
import uuid
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Literal, TypedDict

from django.utils import translation

from common import html
from common.access import Refused
from common.rates import require_chat_pace
from messaging.chat import actions, reactions, read_state
from messaging.chat.models import Room, RoomMember
from messaging.chat.posting import NewMessage, Outcome
from messaging.chat.writer import OnOutcome, writer
from messaging.files.actions import MAX_FILES_PER_THING
from messaging.live import frames, socket
from messaging.live.socket import Command, Fields, LoopCommand, Socket
from messaging.live.streams import MAX_NUMBER_DIGITS, Stream

if TYPE_CHECKING:
    from community.people.models import User

_render_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-render")


class Done(TypedDict):
    """The keys of an `ack` of a change: the number of its entry."""

    n: int


class Readers(TypedDict):
    """The answer to `readers`: how many read up to which number (`read_state.readers_of`)."""

    t: Literal["readers"]
    s: str
    r: list[tuple[int, int]]


def register() -> None:
    """Register the commands of rooms."""
    for name, action in COMMANDS.items():
        socket.register(name, action)
    for name, loop_action in LOOP_COMMANDS.items():
        socket.register_in_loop(name, loop_action)


def _room(user: "User", command: Fields) -> Room:
    """The room of a command. Raises Refused, both for one that does not exist and for one they are no member
    of."""
    member = (
        RoomMember.objects.current()
        .filter(user=user, room=_number(command["room"]))
        .select_related("room")
        .first()
    )
    if member is None:
        raise Refused
    return member.room


def _number(value: object) -> int:
    """A field as an integer that fits into the database. Raises ValueError for anything else."""
    if type(value) is not int or not 0 <= value < 10**MAX_NUMBER_DIGITS:
        raise ValueError("not a number in range")
    return value


def _string(value: object) -> str:
    """A field as a string. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("not a string")
    return value


def _client_id(command: Fields) -> uuid.UUID:
    return uuid.UUID(_string(command["cid"]))


def _keys(value: object) -> tuple[uuid.UUID, ...]:
    """The keys of files. Raises ValueError for anything else, or for more than a message may have."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_FILES_PER_THING:
        raise ValueError("not a list of keys")
    return tuple(uuid.UUID(_string(key)) for key in value)


def _alts(value: object) -> dict[uuid.UUID, str]:
    """What can be seen on pictures, by their keys. Raises ValueError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_FILES_PER_THING:
        raise ValueError("not texts by keys")
    return {uuid.UUID(_string(key)): _string(text) for key, text in value.items()}


def _send(socket: Socket, command: Fields) -> Awaitable[None] | None:
    """Queue a new message for the writer; returns an awaitable if its text has to be rendered first. Raises
    Refused when it is one too many of this person, over whichever of their sockets."""
    re, cid = command.get("re"), _client_id(command)
    with translation.override(socket.person.language):
        require_chat_pace(socket.user_id)
    message = NewMessage(
        room=_number(command["room"]),
        author=socket.user_id,
        client_id=cid,
        text=_string(command["text"]),
        language=socket.person.language,
        re=None if re is None else _number(re),
        files=_keys(command.get("files")),
        alts=_alts(command.get("alts")),
    )
    on_outcome = partial(_answer, socket, str(cid))
    if html.is_simple(message.text.strip()):
        writer().send(message, on_outcome)
        return None
    return _render_and_send(message, on_outcome)


async def _render_and_send(message: NewMessage, on_outcome: OnOutcome) -> None:
    """Render in a pool, since it may take long and the writer is one thread for all messages."""
    await asyncio.get_running_loop().run_in_executor(_render_pool, message.render)
    writer().send(message, on_outcome)


def _answer(socket: Socket, cid: str, outcome: Outcome | None) -> None:
    if outcome is None:
        socket.send(frames.Busy(t="busy", cid=cid))
    elif outcome.entry is None:
        socket.send(frames.No(t="no", cid=cid, why=outcome.refusal))
    else:
        socket.send(frames.Ack(t="ack", cid=cid, n=outcome.entry.number))


def _read(socket: Socket, command: Fields) -> None:
    """Queue a read mark; of a room that the socket does not follow, ignore it."""
    room, number = _number(command["room"]), _number(command["n"])
    if Stream("room", room) in socket.follows:
        writer().read(room, socket.user_id, number)


def _here(socket: Socket, command: Fields) -> None:
    """The reader looks at the room, or types there; it expires unless repeated."""
    socket.report_presence(Stream("room", _number(command["room"])), typing=command.get("typing") is True)


def _edit(user: "User", command: Fields) -> Done:
    require_chat_pace(user.pk)
    entry = actions.edit_message(
        room=_room(user, command),
        number=_number(command["n"]),
        by=user,
        text=_string(command["text"]),
        client_id=_client_id(command),
    )
    return {"n": entry.number}


def _withdraw(user: "User", command: Fields) -> Done:
    require_chat_pace(user.pk)
    entry = actions.withdraw_message(
        room=_room(user, command), number=_number(command["n"]), by=user, client_id=_client_id(command)
    )
    return {"n": entry.number}


def _restore(user: "User", command: Fields) -> Done:
    require_chat_pace(user.pk)
    entry = actions.restore_message(
        room=_room(user, command), number=_number(command["n"]), by=user, client_id=_client_id(command)
    )
    return {"n": entry.number}


def _react(user: "User", command: Fields) -> Done:
    require_chat_pace(user.pk)
    entry = reactions.react(
        room=_room(user, command),
        number=_number(command["n"]),
        by=user,
        mark=_string(command["mark"]),
        on=command["on"] is True,
        client_id=_client_id(command),
    )
    return {"n": entry.number}


def _readers(user: "User", command: Fields) -> Readers:
    room = _room(user, command)
    return {"t": "readers", "s": f"room:{room.pk}", "r": read_state.readers_of(room, user)}


COMMANDS: dict[str, Command] = {
    "edit": _edit,
    "withdraw": _withdraw,
    "restore": _restore,
    "react": _react,
    "readers": _readers,
}
LOOP_COMMANDS: dict[str, LoopCommand] = {
    "send": _send,
    "read": _read,
    "here": _here,
}
