"""What a process looks for by itself every few seconds, in case nobody told it.

News of which no hint came, rights and sign-ins that ended, who is at a stream: all of it within `SWEEP`
seconds. That a session ran out, or a row was changed past our actions, is found within `TURN` sweeps, in
which every socket has its turn once; and so that a dead line is noticed by both ends, each is written
something now and then.
"""

import asyncio
import logging
import random
from collections.abc import Iterable
from itertools import islice

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session

from common import clock
from messaging.live import frames, metrics, streams, ticket
from messaging.live.hub import Hub, followed_by, in_thread
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.subscription import Subscriber
from messaging.live.ticket import Person
from messaging.live.transport import Frame

SWEEP = 2.5
"""Seconds between two sweeps, give or take a fifth: never more than three."""
TURN = 24
"""Sweeps in which each socket is asked again once, at the latest: a minute."""
EACH = 100
"""Sockets that are asked again in one sweep even if that is not needed yet: a few are all asked every
time."""
OWN = 250
"""Streams of single people that are looked at in one sweep; where there are more, each waits for its turn."""
BEAT = 10
"""Sweeps in which each socket is written something once: half a minute."""
TICKET = 6
"""Beats after which it is a fresh ticket: well before the old one is too old."""

logger = logging.getLogger("aftercourse.live")
_BEAT = Frame(frames.write("pong"))


class Reconciler:
    """The rounds of one process."""

    def __init__(self, hub: Hub, presence: Presence, revocations: Revocations) -> None:
        self.hub, self.presence, self.revocations = hub, presence, revocations
        self._round = 0

    async def run(self) -> None:
        """Go round for ever; what fails is tried again in the next round."""
        while True:
            try:
                await self.round()
            except Exception:
                logger.exception("A sweep of the live streams failed; the next one follows")
            await asyncio.sleep(SWEEP * random.uniform(0.8, 1.2))

    async def round(self) -> None:
        """Everything once."""
        self._round += 1
        self._end_of_time()
        changed = await in_thread(self.revocations.read)
        self.hub.revoked += len(changed)
        await self.check([subscriber for person in changed for subscriber in self.hub.of_person(person)])
        await self._find_news()
        await self.check(self._turn(min(TURN, 1 + len(self.hub.subscribers) // EACH)))
        self._beat()
        self.presence.tell_again()

    async def check(self, subscribers: Iterable[Subscriber]) -> None:
        """Ask anew whether these are signed in, who they are, and what they may follow."""
        subscribers = list(subscribers)
        if not subscribers:
            return
        people = await in_thread(
            _people, {(subscriber.user_id, subscriber.session_key) for subscriber in subscribers}
        )
        asked = set(followed_by(subscribers))  # what is followed while we ask was asked for by itself
        allowed = await in_thread(streams.still_allowed, asked)
        for subscriber in subscribers:
            person = people.get((subscriber.user_id, subscriber.session_key))
            if person is None:
                subscriber.close(frames.ENDED)
                continue
            subscriber.person = person
            for stream in list(subscriber.follows):
                if (subscriber.user_id, stream) in allowed:
                    self.hub.grant(subscriber, stream, allowed[subscriber.user_id, stream])
                elif (subscriber.user_id, stream) in asked:
                    self.hub.revoke([subscriber], stream)

    def _end_of_time(self) -> None:
        """Who may follow something until a moment, and that moment has come."""
        now = clock.now().timestamp()
        for subscriber, stream in list(self.hub.timed):
            if subscriber.follows.get(stream, now) <= now:
                self.hub.revoke([subscriber], stream)

    async def _find_news(self) -> None:
        """Look how far the streams have come: all that people share, and a part of those they have alone."""
        shared = [stream for stream in self.hub.subscriptions if streams.is_shared(stream)]
        own = [stream for stream in self.hub.subscriptions if not streams.is_shared(stream)]
        asked = shared + own[self._round % (parts := min(TURN, 1 + len(own) // OWN)) :: parts]
        known = {stream: self.hub.subscriptions[stream].last for stream in asked}
        newest = await in_thread(streams.newest, asked)
        for stream, last in newest.items():
            subscription, before = self.hub.subscriptions.get(stream), known[stream]
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

    def _turn(self, of: int) -> list[Subscriber]:
        """One of `of` parts of all sockets, another one in each round."""
        return list(islice(self.hub.subscribers, self._round % of, None, of))

    def _beat(self) -> None:
        for subscriber in self._turn(BEAT):
            subscriber.beats += 1
            if subscriber.beats % TICKET:
                subscriber.write(_BEAT)
            else:
                follows = {str(stream): until for stream, until in subscriber.follows.items()}
                subscriber.write(
                    Frame(frames.write("ticket", ticket=ticket.write(subscriber.person, follows)))
                )


def _people(asked: set[tuple[int, str]]) -> dict[tuple[int, str], Person]:
    """Who of these people is signed in with these sessions now, as they are now."""
    sessions = Session.objects.filter(
        session_key__in={key for _user, key in asked}, expire_date__gt=clock.now()
    )
    alive = set(sessions.values_list("session_key", flat=True))
    users = get_user_model().objects.filter(pk__in={user for user, _key in asked}, suspended_at=None)
    known = {user.pk: user for user in users.only("name", "shows_presence", "language")}
    return {
        (user, key): Person.of(known[user], ticket.session_digest(key))
        for user, key in asked
        if user in known and key in alive
    }
