"""Limits of how much one person writes. They are beyond what people do, and stop a script.

Counted at the entrances (views and commands of the socket), since imports, jobs and the demo write for many.
Counted in the memory of the process: no query, nothing that can be away, and with several processes a limit
is that many times as wide.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.utils.translation import gettext

from common.access import Refused

MAX_PEOPLE = 20_000
"""People counted at once. Those whose allowance is full again are dropped first."""


_all: "list[Rate]" = []


@dataclass
class Rate:
    """So much at once, and so much a second after that (token bucket), for each person."""

    burst: float
    per_second: float
    _left: dict[int, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        _all.append(self)

    def take(self, person: int, amount: float = 1) -> bool:
        """Count an amount; whether it is within the limit. What is not within it is not counted."""
        now = monotonic()
        with self._lock:
            left, at = self._left.get(person, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.per_second)
            if left < amount:
                return False
            if len(self._left) >= MAX_PEOPLE and person not in self._left:
                self._drop_full(now)
            self._left[person] = left - amount, now
            return True

    def _drop_full(self, now: float) -> None:
        full = [
            person
            for person, (left, at) in self._left.items()
            if left + (now - at) * self.per_second >= self.burst
        ]
        for person in full or list(self._left):
            del self._left[person]


MESSAGES_AT_ONCE = Rate(burst=40, per_second=10)
MESSAGES = Rate(burst=600, per_second=1)
"""Messages of the chat and changes of them, in all rooms and over all sockets together."""
POSTS = Rate(burst=30, per_second=0.2)
"""Forms with something written for others: conversations, replies, practices, materials, live hours."""
CHARS = Rate(burst=500_000, per_second=1_000)
"""Characters in these forms, since rendering a text takes time."""

UPLOADS = Rate(burst=120, per_second=1 / 30)
UPLOADED_BYTES = Rate(burst=600 * 1024 * 1024, per_second=100_000)
"""Files, and what they weigh: as much at once, and about half as much in every further hour."""


def require_chat_pace(person: int) -> None:
    """Count a message, or a change of one. Raises Refused when this person is faster than anybody writes."""
    _require(MESSAGES_AT_ONCE.take(person) and MESSAGES.take(person))


def require_pace(person: int, fields: Mapping[str, Any]) -> None:
    """Count a form with these values. Raises Refused when this person is faster than anybody writes."""
    length = sum(len(value) for value in fields.values() if isinstance(value, str))
    _require(POSTS.take(person) and CHARS.take(person, length))


def require_text_pace(person: int, text: str) -> None:
    """Count a text that is rendered while it is written. Raises Refused for more than anybody writes."""
    _require(CHARS.take(person, len(text)))


def require_upload_pace(person: int, size: int) -> None:
    """Count a file of this size. Raises Refused when this person sends more than anybody has."""
    if not (UPLOADS.take(person) and UPLOADED_BYTES.take(person, size)):
        raise Refused(gettext("You’ve added a lot of files in a short time. You can add more in an hour."))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused(gettext("That’s more at once than anyone can read. Wait a moment, then send it again."))


def clear() -> None:
    """Forget what was counted; tests begin with this."""
    for rate in _all:
        rate._left.clear()
