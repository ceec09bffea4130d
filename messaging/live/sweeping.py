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

from common import clock, metrics
from messaging.live import frames, streams, ticket
from messaging.live.channel import Sink
from messaging.live.hub import Hub, followed_by, in_thread
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.ticket import Person
from messaging.live.wire import Frame

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


class Sweeper:
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
        await self.check([sink for person in changed for sink in self.hub.of_person(person)])
        await self._find_news()
        await self.check(self._turn(min(TURN, 1 + len(self.hub.sinks) // EACH)))
        self._beat()
        self.presence.tell_again()

    async def check(self, sinks: Iterable[Sink]) -> None:
        """Ask anew whether these are signed in, who they are, and what they may follow."""
        sinks = list(sinks)
        if not sinks:
            return
        people = await in_thread(_people, {(sink.user_id, sink.session_key) for sink in sinks})
        asked = set(followed_by(sinks))  # what is followed while we ask was asked for by itself
        allowed = await in_thread(streams.still_allowed, asked)
        for sink in sinks:
            person = people.get((sink.user_id, sink.session_key))
            if person is None:
                sink.close(frames.ENDED)
                continue
            sink.person = person
            for stream in list(sink.follows):
                if (sink.user_id, stream) in allowed:
                    self.hub.grant(sink, stream, allowed[sink.user_id, stream])
                elif (sink.user_id, stream) in asked:
                    self.hub.send_away([sink], stream)

    def _end_of_time(self) -> None:
        """Who may follow something until a moment, and that moment has come."""
        now = clock.now().timestamp()
        for sink, stream in list(self.hub.timed):
            if sink.follows.get(stream, now) <= now:
                self.hub.send_away([sink], stream)

    async def _find_news(self) -> None:
        """Look how far the streams have come: all that people share, and a part of those they have alone."""
        shared = [stream for stream in self.hub.channels if streams.is_shared(stream)]
        own = [stream for stream in self.hub.channels if not streams.is_shared(stream)]
        asked = shared + own[self._round % (parts := min(TURN, 1 + len(own) // OWN)) :: parts]
        known = {stream: self.hub.channels[stream].last for stream in asked}
        newest = await in_thread(streams.newest, asked)
        for stream, last in newest.items():
            channel, before = self.hub.channels.get(stream), known[stream]
            if channel is None or before is None or channel.last is None or channel.last >= last:
                continue
            if channel.last == before:
                metrics.GAPS_REPAIRED.inc(last - before)
            self.hub.hint(stream)

    def _turn(self, of: int) -> list[Sink]:
        """One of `of` parts of all sockets, another one in each round."""
        return list(islice(self.hub.sinks, self._round % of, None, of))

    def _beat(self) -> None:
        for sink in self._turn(BEAT):
            sink.beats += 1
            if sink.beats % TICKET:
                sink.write(_BEAT)
            else:
                follows = {str(stream): until for stream, until in sink.follows.items()}
                sink.write(Frame(frames.write("ticket", ticket=ticket.write(sink.person, follows))))


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
