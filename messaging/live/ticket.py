"""Tickets: how a socket is authorised without a database query.

Every page contains one. It names the user, the streams they may follow and until when; it is bound to their
session and useless without that session's cookie. It is sent in the query string of the socket's URL, which
proxies log, and it contains a name: so it is encrypted, not only signed. It is valid for five minutes, and an
open socket gets a fresh one earlier than that. A ticket older than a revocation of its user (`revocations`)
is not refused; its streams are looked up in the database like those of a socket without one.
"""

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from common import clock
from common.languages import language_for
from messaging.live.streams import STREAMS_PER_SOCKET

if TYPE_CHECKING:
    from community.people.models import User

TICKET_TTL_SECONDS = 300
"""How long a ticket is valid."""
CLOCK_SKEW_SECONDS = 20
"""How far in the future a ticket may seem to be issued, since no two servers' clocks agree; less than
`MAX_COMMIT_SECONDS` of the revocations, so that no ticket outlives its revocation."""
NONCE_BYTES = 12
"""Length of the AES-GCM nonce; random, which is safe for four billion tickets under one key."""


@dataclass(frozen=True)
class Person:
    """The user of a socket, as far as a socket needs it."""

    id: int
    name: str
    session: str
    """The digest of their session key."""
    shows_presence: bool
    language: str

    @classmethod
    def of(cls, user: "User", session: str) -> "Person":
        """The person of a user and the digest of a session, in the language of the page that is made."""
        return cls(user.pk, user.name, session, user.shows_presence, language_for(user.language))


@dataclass(frozen=True)
class Ticket:
    """A valid ticket: the person, and the streams they may follow with the end of each (seconds since the
    epoch, 0 for no end)."""

    person: Person
    streams: Mapping[str, float]
    issued_at: float


class Payload(TypedDict):
    """The JSON inside a ticket; short keys, because it is part of a URL."""

    i: int
    """User id."""
    n: str
    """Name."""
    k: str
    """Digest of the session key."""
    p: int
    """1 if they show their presence."""
    l: str  # noqa: E741 the key is part of tickets in use
    """Language."""
    s: dict[str, float]
    """Streams, as in `Ticket`."""
    at: int
    """When it was issued, seconds since the epoch."""


def session_digest(session_key: str) -> str:
    """A digest of a session key, used everywhere but in the cookie: it identifies a session and cannot be
    used to sign in."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


def issue(user: "User", session_key: str, streams: Mapping[str, float]) -> str:
    """A ticket for a user's session."""
    return encode(Person.of(user, session_digest(session_key)), streams)


def encode(person: Person, streams: Mapping[str, float]) -> str:
    """A ticket as a string for a URL."""
    payload: Payload = {
        "i": person.id,
        "n": person.name,
        "k": person.session,
        "p": int(person.shows_presence),
        "l": person.language,
        "s": dict(list(streams.items())[:STREAMS_PER_SOCKET]),
        "at": int(clock.now().timestamp()),
    }
    return _encrypt(json.dumps(payload, separators=(",", ":")).encode())


def decode(text: str, session_key: str) -> Ticket | None:
    """The ticket in a string; None when we did not issue it, it expired, or it belongs to another session."""
    if (decrypted := _decrypt(text)) is None:
        return None
    payload: Payload = json.loads(decrypted)
    age = clock.now().timestamp() - payload["at"]
    if payload["k"] != session_digest(session_key) or not -CLOCK_SKEW_SECONDS <= age <= TICKET_TTL_SECONDS:
        return None
    person = Person(payload["i"], payload["n"], payload["k"], bool(payload["p"]), payload["l"])
    return Ticket(person, payload["s"], payload["at"])


def allow_stream(request: HttpRequest, stream: str, until: float = 0) -> None:
    """Add a stream to the ticket of the page that answers this request. The caller has checked that its
    reader may follow it, until this moment (seconds since the epoch, 0 for no end)."""
    streams = getattr(request, "live_streams", {})
    request.live_streams = streams | {stream: until}  # type: ignore[attr-defined]


def for_page(request: HttpRequest) -> str:
    """The ticket of a page: its reader's own stream and those added by `allow_stream`; empty without a
    sign-in."""
    key = getattr(request, "session", None) and request.session.session_key
    if not key or not request.user.is_authenticated:
        return ""
    streams = {f"person:{request.user.pk}": 0, **getattr(request, "live_streams", {})}
    return issue(request.user, key, streams)


def _encrypt(payload: bytes) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _ciphers()[0].encrypt(nonce, payload, None)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decrypt(text: str) -> bytes | None:
    """The payload of a ticket; None when it is not from us or was changed."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    for cipher in _ciphers():
        with contextlib.suppress(InvalidTag, ValueError):
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    return None


@cache
def _ciphers() -> list[AESGCM]:
    """The ciphers of the installation's secret key and then of its earlier ones, which only decrypt.

    AES-GCM and not Fernet: that takes 20 microseconds more to decrypt, and every connection waits for it.
    """
    return [_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _cipher(key: str | bytes) -> AESGCM:
    return AESGCM(salted_hmac("aftercourse.live.ticket", "", secret=key, algorithm="sha256").digest())
