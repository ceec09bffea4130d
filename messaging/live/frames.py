"""The frames of the socket and their JSON. A frame is one object with its type in `t`.

From the browser (commands): `follow` {s, after}, `leave` {s}, `ping`, and the commands that subjects register
(`socket.register`). To the browser: the TypedDicts below. tests/test_socket_table.py tests every command and
stream for every kind of user.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from common.json_input import read_object
from messaging.live.streams import StreamEntry

CLOSE_ENDED = 4001
"""Close code: the sign-in ended, or the account is suspended."""
CLOSE_FLOOD = 4008
"""Close code: over the rate limit, or a message that is no command."""
CLOSE_TOO_MANY = 4009
"""Close code: this person has too many sockets open."""
CLOSE_MOVE = 4012
"""Close code: this server stops; reconnect, another one answers."""
CLOSE_SLOW = 4013
"""Close code: too much was pending for this reader; reconnect and catch up."""
CLOSE_FULL = 4014
"""Close code: this server has the maximum number of sockets; retry later."""


class Welcome(TypedDict):
    """The first frame: the user the socket belongs to."""

    t: Literal["welcome"]
    person: int


class Entries(TypedDict):
    """Consecutive entries of a stream. `more` only in the answer to a poll: whether to ask again at once."""

    t: Literal["entries"]
    s: str
    e: Sequence[StreamEntry]
    more: NotRequired[bool]


class Unknown(TypedDict):
    """The stream does not exist or this person may not follow it; the same frame for both."""

    t: Literal["unknown"]
    s: str


class Reset(TypedDict):
    """What the browser has does not belong to this log (another database, a restored backup): reload."""

    t: Literal["reset"]
    s: str


class Who(TypedDict):
    """Somebody present at a stream."""

    id: int
    name: str


class Here(TypedDict):
    """Users who look at a stream now; with `typing`, who write there."""

    t: Literal["here"]
    s: str
    who: list[Who]
    typing: bool


class Gone(TypedDict):
    """Somebody (an id) does not look at a stream any more."""

    t: Literal["gone"]
    s: str
    who: int


class Ack(TypedDict):
    """The command with this client id was done. `n` is the number of its entry; a command may add more."""

    t: Literal["ack"]
    cid: str | None
    n: NotRequired[int]


class No(TypedDict):
    """The command with this client id is refused for good; `why` is a sentence for the person."""

    t: Literal["no"]
    cid: str | None
    why: NotRequired[str]
    about: NotRequired[str]


class Busy(TypedDict):
    """The command with this client id was not done; the browser keeps it and retries."""

    t: Literal["busy"]
    cid: str | None


class NewTicket(TypedDict):
    """A fresh ticket for the next connection."""

    t: Literal["ticket"]
    ticket: str


class Move(TypedDict):
    """The server stops: reconnect at a random moment within `within` seconds."""

    t: Literal["move"]
    within: int


class Pong(TypedDict):
    """The answer to `ping`, and the heartbeat."""

    t: Literal["pong"]


def encode(frame: Mapping[str, object]) -> str:
    """The JSON of a frame to the browser (one of the TypedDicts here, or of a subject), or of one entry."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def encode_entries(stream: str, entries: Iterable[str]) -> str:
    """An `Entries` frame of entries that are JSON already."""
    return f'{{"t":"entries","s":"{stream}","e":[{",".join(entries)}]}}'


def decode(text: str | None) -> Mapping[str, Any] | None:
    """The command in a message from a browser; None when it is no JSON object with a string in `t`."""
    command = read_object(text)
    return command if command is not None and isinstance(command.get("t"), str) else None
