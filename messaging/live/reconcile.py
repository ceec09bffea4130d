"""Finds every few seconds what no hint announced: the database is authoritative, hints only reduce latency.

New entries, revoked rights and sign-ins, and presence are reconciled every `RECONCILE_SECONDS`. An expired
session, or a row changed without our use-cases (a password, by a management command), is found within
`RECHECK_ROUNDS` rounds, in which every socket is checked once. Heartbeats let both ends notice a dead
connection.
"""

import asyncio
import logging
import random
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from common import clock
from common.sessions import rows_of, stored_key
from messaging.live import frames, metrics, streams, ticket
from messaging.live.hub import Hub, followed_by, in_thread
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.subscription import Subscriber
from messaging.live.ticket import Person
from messaging.live.transport import Frame

if TYPE_CHECKING:
    from community.people.models import User

RECONCILE_SECONDS = 2.5
"""Interval of rounds, with a jitter of a fifth, so that processes do not query together: at most 3 seconds,
the longest an entry whose hint was lost may be late (docs/operations.md). A round is four queries."""
RECHECK_ROUNDS = 24
"""Every socket is checked once within this number of rounds: a minute."""
RECHECKS_PER_ROUND = 100
"""Sockets checked in one round even if their turn has not come; so a small server checks all in every
round."""
PRIVATE_STREAMS_PER_ROUND = 250
"""Private streams whose newest number is read in one round; with more, each waits for its turn."""
HEARTBEAT_ROUNDS = 10
"""Every socket gets a heartbeat once within this number of rounds: 25 seconds, well within the 75 after which
a browser closes a silent connection (static/js/elements/live-connection.js)."""
TICKET_HEARTBEATS = 6
"""One in this number of heartbeats is a fresh ticket: every two and a half minutes, half of the lifetime of a
ticket."""
LOGGED_ROUNDS = 24
"""Of rounds that fail one after the other the first is logged, and then one in a minute."""

logger = logging.getLogger("aftercourse.live")
_HEARTBEAT = Frame(frames.encode(frames.Pong(t="pong")))


class Reconciler:
    """The rounds of one process."""

    def __init__(self, hub: Hub, presence: Presence, revocations: Revocations) -> None:
        self.hub, self.presence, self.revocations = hub, presence, revocations
        self._round = 0

    async def run(self) -> None:
        """Reconcile for ever; what fails is retried in the next round."""
        failed = 0
        while True:
            try:
                await self.run_once()
                failed = 0
            except Exception as error:
                # While the database is away, or before it is migrated, every round fails.
                if failed % LOGGED_ROUNDS == 0:
                    logger.error(
                        "Could not reconcile the live streams (%s); retrying in every round",
                        type(error).__name__,
                        exc_info=None if failed else error,
                    )
                failed += 1
            await asyncio.sleep(RECONCILE_SECONDS * random.uniform(0.8, 1.2))

    async def run_once(self) -> None:
        """One round."""
        self._round += 1
        self._expire()
        changed = await in_thread(self.revocations.read)
        self.hub.revocations_received += len(changed)
        await self.recheck([socket for user_id in changed for socket in self.hub.of_person(user_id)])
        await self._find_missed_entries()
        await self.recheck(
            self._share(min(RECHECK_ROUNDS, 1 + len(self.hub.subscribers) // RECHECKS_PER_ROUND))
        )
        self._heartbeat()
        self.presence.summarise()

    async def recheck(self, subscribers: Iterable[Subscriber]) -> None:
        """Query whether the users of these sockets are signed in and what they may follow; close sockets and
        revoke streams accordingly."""
        subscribers = list(subscribers)
        if not subscribers:
            return
        people = await in_thread(_people, {(each.user_id, each.session_key) for each in subscribers})
        # Streams followed from here on are checked when they are followed.
        checked = set(followed_by(subscribers))
        allowed = await in_thread(streams.still_allowed, checked)
        for subscriber in subscribers:
            person = people.get((subscriber.user_id, subscriber.session_key))
            if person is None:
                subscriber.close(frames.CLOSE_ENDED)
                continue
            subscriber.person = person
            for stream in list(subscriber.follows):
                if (subscriber.user_id, stream) in allowed:
                    self.hub.grant(subscriber, stream, allowed[subscriber.user_id, stream])
                elif (subscriber.user_id, stream) in checked:
                    self.hub.revoke([subscriber], stream)

    def _expire(self) -> None:
        """Revoke streams that were allowed until a moment that has passed."""
        now = clock.now().timestamp()
        for subscriber, stream in list(self.hub.expiring):
            if subscriber.follows.get(stream, now) <= now:
                self.hub.revoke([subscriber], stream)

    async def _find_missed_entries(self) -> None:
        """Read the newest numbers of all shared streams and of a share of the private ones."""
        subscriptions = self.hub.subscriptions
        shared = [stream for stream in subscriptions if streams.is_shared(stream)]
        private = [stream for stream in subscriptions if not streams.is_shared(stream)]
        shares = min(RECHECK_ROUNDS, 1 + len(private) // PRIVATE_STREAMS_PER_ROUND)
        checked = shared + private[self._round % shares :: shares]
        known = {stream: subscriptions[stream].last for stream in checked}
        newest = await in_thread(streams.newest, checked)
        for stream, last in newest.items():
            subscription, before = subscriptions.get(stream), known[stream]
            if (
                subscription is None
                or before is None
                or subscription.last is None
                or subscription.last >= last
            ):
                continue
            if subscription.last == before:
                metrics.GAPS_REPAIRED.inc(last - before)
            self.hub.hint(stream)

    def _share(self, shares: int) -> list[Subscriber]:
        """One of `shares` parts of all sockets, another one in each round."""
        return list(islice(self.hub.subscribers, self._round % shares, None, shares))

    def _heartbeat(self) -> None:
        for subscriber in self._share(HEARTBEAT_ROUNDS):
            subscriber.heartbeats += 1
            if subscriber.heartbeats % TICKET_HEARTBEATS:
                subscriber.write(_HEARTBEAT)
            else:
                follows = {str(stream): until for stream, until in subscriber.follows.items()}
                fresh = ticket.encode(subscriber.person, follows)
                subscriber.write(Frame(frames.encode(frames.NewTicket(t="ticket", ticket=fresh))))


def _people(pairs: set[tuple[int, str]]) -> dict[tuple[int, str], Person]:
    """The current `Person` of these (user id, session key) pairs; those not signed in are left out."""
    stored = {key: stored_key(key) for _user, key in pairs}
    alive = rows_of(set(stored.values()))
    users = get_user_model().objects.filter(pk__in={user for user, _key in pairs}, suspended_at=None)
    known = {user.pk: user for user in users.only("name", "shows_presence", "language", "password")}
    return {
        (user, key): Person.of(known[user], ticket.session_digest(key))
        for user, key in pairs
        if user in known and (row := alive.get(stored[key])) and _is_signed_in(known[user], row)
    }


def _is_signed_in(user: "User", session: Session) -> bool:
    """Whether this session is of this user and of their present password, whatever changed the password."""
    data = session.get_decoded()
    signed_in_with = str(data.get(HASH_SESSION_KEY, ""))
    present = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return data.get(SESSION_KEY) == str(user.pk) and any(
        constant_time_compare(signed_in_with, each) for each in present
    )
