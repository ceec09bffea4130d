"""The words of the socket that are about rooms. Each does what a form does, through the same action.

What is said a hundred times a second does not wait for a thread: new messages go to the writer, how far
somebody has read is written with that of others, and who is there is not written at all.
"""

import asyncio
import uuid
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from common import html
from common.access import Refused
from messaging.chat import actions, reactions, read_state
from messaging.chat.models import Room, RoomMember
from messaging.chat.posting import NewMessage, Outcome
from messaging.chat.writer import Answer, writer
from messaging.live import frames, socket
from messaging.live.socket import Fields, Socket
from messaging.live.streams import MAX_NUMBER_DIGITS, Stream

if TYPE_CHECKING:
    from community.people.models import User

_renderer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-render")


def register() -> None:
    """Hear the words of rooms."""
    for word, do in COMMANDS.items():
        socket.register(word, do)
    for word, do_quickly in LOOP_COMMANDS.items():
        socket.register_in_loop(word, do_quickly)


def _room(user: "User", said: Fields) -> Room:
    """The room that was meant; one that is not there and one that is not theirs are refused alike."""
    member = (
        RoomMember.objects.current()
        .filter(user=user, room=_number(said["room"]))
        .select_related("room")
        .first()
    )
    if member is None:
        raise Refused
    return member.room


def _number(said: object) -> int:
    """A whole number that a database holds."""
    if not isinstance(said, int) or not 0 <= said < 10**MAX_NUMBER_DIGITS:
        raise ValueError("no number of ours")
    return said


def _client_id(said: Fields) -> uuid.UUID:
    return uuid.UUID(str(said["cid"]))


def _send(socket: Socket, said: Fields) -> Awaitable[None] | None:
    answered, cid = said.get("re"), _client_id(said)
    message = NewMessage(
        room=_number(said["room"]),
        author=socket.user_id,
        client_id=cid,
        text=str(said["text"]),
        language=socket.person.language,
        re=None if answered is None else _number(answered),
    )
    answer = partial(_answer, socket, str(cid))
    if html.is_simple(message.text.strip()):
        writer().send(message, answer)
        return None
    return _send_rendered(message, answer)


async def _send_rendered(message: NewMessage, answer: Answer) -> None:
    """Render first what may take long: the writer is one for all, and nobody waits there for another's
    signs."""
    await asyncio.get_running_loop().run_in_executor(_renderer, message.render)
    writer().send(message, answer)


def _answer(socket: Socket, cid: str, outcome: Outcome | None) -> None:
    if outcome is None:
        socket.send(frames.Busy(t="busy", cid=cid))
    elif outcome.entry is None:
        socket.send(frames.No(t="no", cid=cid, why=outcome.refusal))
    else:
        socket.send(frames.Ack(t="ack", cid=cid, n=outcome.entry.number))


def _read(socket: Socket, said: Fields) -> None:
    room, number = _number(said["room"]), _number(said["n"])
    if Stream("room", room) in socket.follows:
        writer().read(room, socket.user_id, number)


def _here(socket: Socket, said: Fields) -> None:
    """Its reader is looking at the room, or typing; forgotten unless it is said again."""
    socket.report_presence(Stream("room", _number(said["room"])), typing=said.get("typing") is True)


def _edit(user: "User", said: Fields) -> dict[str, Any]:
    entry = actions.edit_message(
        room=_room(user, said),
        number=_number(said["n"]),
        by=user,
        text=str(said["text"]),
        client_id=_client_id(said),
    )
    return {"n": entry.number}


def _withdraw(user: "User", said: Fields) -> dict[str, Any]:
    entry = actions.withdraw_message(
        room=_room(user, said), number=_number(said["n"]), by=user, client_id=_client_id(said)
    )
    return {"n": entry.number}


def _restore(user: "User", said: Fields) -> dict[str, Any]:
    entry = actions.restore_message(
        room=_room(user, said), number=_number(said["n"]), by=user, client_id=_client_id(said)
    )
    return {"n": entry.number}


def _react(user: "User", said: Fields) -> dict[str, Any]:
    entry = reactions.react(
        room=_room(user, said),
        number=_number(said["n"]),
        by=user,
        mark=str(said["mark"]),
        on=said["on"] is True,
        client_id=_client_id(said),
    )
    return {"n": entry.number}


def _readers(user: "User", said: Fields) -> dict[str, Any]:
    room = _room(user, said)
    return {"t": "readers", "s": f"room:{room.pk}", "r": read_state.readers_of(room, user)}


COMMANDS = {
    "edit": _edit,
    "withdraw": _withdraw,
    "restore": _restore,
    "react": _react,
    "readers": _readers,
}
LOOP_COMMANDS = {
    "send": _send,
    "read": _read,
    "here": _here,
}
