"""The words of the socket, and how long each may be. What is sent is one JSON object, its word in `t`.

From the browser: `follow` {s, after}, `leave` {s}, `ping`, and words that the subjects register (see
`socket.register`). To the browser: `welcome` {person}, `entries` {s, e: [...]}, `unknown` {s} (not there, or
not for you: the same), `here` (presence and typing), `ack`, `no` and `busy` to what was sent, `pong`.
"""

import json
from typing import Any

SLOW = 4013
"""Close code: too much waited to be read; come back and catch up."""
FLOOD = 4008
"""Close code: too many words, or words that are none."""
ENDED = 4001
"""Close code: the sign-in ended, or the account is suspended."""
MOVE = 4012
"""Close code: this server stops; come back, another one answers."""
TOO_MANY = 4009
"""Close code: this person has too many sockets open."""


def write(word: str, **about: Any) -> str:
    """One frame to the browser."""
    return json.dumps({"t": word, **about}, ensure_ascii=False, separators=(",", ":"))


def read(text: str | None) -> dict[str, Any] | None:
    """What a browser said; None when it is no word at all."""
    try:
        said = json.loads(text or "")
    except ValueError:
        return None
    return said if isinstance(said, dict) and isinstance(said.get("t"), str) else None
