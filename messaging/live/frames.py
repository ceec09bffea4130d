"""The words of the socket, and how long each may be. What is sent is one JSON object, its word in `t`.

From the browser: `follow` {s, after}, `leave` {s}, `ping`, and words that the subjects register
(see `socket.register`). To the browser: `welcome` {person}, `entries` {s, e: [...]}, `unknown` {s} (not
there, or not for you: the same), `reset` {s} (what you read is not our log: load the page again), `here`
and `gone` (who is at a stream), `ack`, `no` and `busy` to what was sent, `ticket` {ticket}, `move`
{within}, `pong`.
"""

import json
from collections.abc import Iterable
from typing import Any

ENDED = 4001
"""Close code: the sign-in ended, or the account is suspended."""
FLOOD = 4008
"""Close code: too many words, or words that are none."""
TOO_MANY = 4009
"""Close code: this person has too many sockets open."""
MOVE = 4012
"""Close code: this server stops; come back, another one answers."""
SLOW = 4013
"""Close code: too much waited to be read; come back and catch up."""
FULL = 4014
"""Close code: this server has as many sockets as it can carry; try again later."""


def write(word: str, **about: Any) -> str:
    """One frame to the browser."""
    return json.dumps({"t": word, **about}, ensure_ascii=False, separators=(",", ":"))


def entry(about: dict[str, Any]) -> str:
    """One entry of a stream, to be put into a frame."""
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def entries(stream: str, written: Iterable[str]) -> str:
    """The frame that carries these entries."""
    return f'{{"t":"entries","s":"{stream}","e":[{",".join(written)}]}}'


def read(text: str | None) -> dict[str, Any] | None:
    """What a browser said; None when it is no word at all."""
    try:
        said = json.loads(text or "")
        if "\\ud" in (text or "").lower():
            # Half of a sign can be written so; no database keeps it and no frame carries it.
            said = json.loads(json.dumps(said, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("t"), str) else None
