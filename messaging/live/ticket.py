"""Tickets: what lets a socket in without asking the database.

A page that we made for somebody carries one. It says who they are, which streams they may follow and until
when, and it is bound to their session: without that session's cookie it is worth nothing, so it may stand in
an address. It lives five minutes, and an open socket gets a fresh one well before. What was revoked since it
was made is known to every server (`revocations`); such a ticket is not refused, it only has to ask again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.http import HttpRequest

from common import clock

if TYPE_CHECKING:
    from community.people.models import User

LIFE = 300
"""Seconds a ticket is believed."""
AHEAD = 20
"""Seconds a ticket may seem to come from the future, since no two clocks are alike; less than `COMMITTING`
of the revocations, so that none outlives what revoked it."""
STREAMS = 40
"""Streams one ticket may name."""


@dataclass(frozen=True)
class Person:
    """Somebody at a socket, as far as a socket has to know them."""

    id: int
    name: str
    session: str
    """The digest of their session."""
    shows_presence: bool
    language: str

    @classmethod
    def of(cls, user: "User", session: str) -> "Person":
        """The person behind a user."""
        return cls(user.pk, user.name, session, user.shows_presence, user.language)


@dataclass(frozen=True)
class Ticket:
    """A ticket that was read and believed: the person, and until when (seconds since 1970, 0 without end)
    they may follow which stream."""

    person: Person
    streams: Mapping[str, float]
    made_at: float


def session_digest(session_key: str) -> str:
    """A session's name for everywhere but the cookie: enough to compare, nothing to sign in with."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


def issue(user: "User", session_key: str, streams: Mapping[str, float]) -> str:
    """A ticket for a person's session."""
    return write(Person.of(user, session_digest(session_key)), streams)


def write(person: Person, streams: Mapping[str, float]) -> str:
    """A ticket as it stands in an address."""
    said = {
        "i": person.id,
        "n": person.name,
        "k": person.session,
        "p": int(person.shows_presence),
        "l": person.language,
        "s": dict(list(streams.items())[:STREAMS]),
        "at": int(clock.now().timestamp()),
    }
    return _signer().sign_object(said)


def read(ticket: str, session_key: str) -> Ticket | None:
    """What a ticket says; None when it is none, too old, or another session's."""
    try:
        said: dict[str, Any] = _signer().unsign_object(ticket)
    except (signing.BadSignature, ValueError):
        return None
    now = clock.now().timestamp()
    if said["k"] != session_digest(session_key) or not -AHEAD <= now - said["at"] <= LIFE:
        return None
    person = Person(said["i"], said["n"], said["k"], bool(said["p"]), said["l"])
    return Ticket(person, said["s"], said["at"])


def allow_stream(request: HttpRequest, stream: str, until: float = 0) -> None:
    """Let this page's ticket name a stream, which its reader may follow (asked by who calls)."""
    streams = getattr(request, "live_streams", {})
    request.live_streams = streams | {stream: until}  # type: ignore[attr-defined]


def for_page(request: HttpRequest) -> str:
    """The ticket of a page: its reader's own stream, and those that the page named."""
    key = getattr(request, "session", None) and request.session.session_key
    if not key or not request.user.is_authenticated:
        return ""
    streams = {f"person:{request.user.pk}": 0, **getattr(request, "live_streams", {})}
    return issue(request.user, key, streams)


@cache
def _signer() -> signing.Signer:
    return signing.Signer(salt="aftercourse.live.ticket")
