"""What was revoked lately, as this process knows it: by hints at once, from the rows within a sweep.

A ticket made before its person's rights changed or their sign-in ended is stale, and whoever brings it is
asked for anew. The same rows tell the hub whom to ask again, when a hint was lost.
"""

import datetime as dt
from collections.abc import Iterable

from common import clock
from messaging.live.models import Revocation
from messaging.live.ticket import LIFE, Ticket

COMMITTING = 30
"""Seconds between the writing of a row and its commit, at most: rows may be seen out of order by as much,
and a ticket made in between knew nothing of it."""
KEPT = dt.timedelta(hours=1)


class Revocations:
    """Rights and sign-ins that ended while tickets from before may still be about."""

    def __init__(self) -> None:
        self.known = False
        """Whether the rows were read at all; until then no ticket is believed."""
        self._people: dict[int, float] = {}
        self._seen: dict[int, float] = {}

    def stale(self, ticket: Ticket) -> bool:
        """Whether something of this person's ended since the ticket was made."""
        at = self._people.get(ticket.person.id)
        return not self.known or (at is not None and ticket.made_at <= at + COMMITTING)

    def changed(self, person: int) -> None:
        """Heard by a hint, before the row was read."""
        self._people[person] = clock.now().timestamp()

    def read(self) -> set[int]:
        """Read the rows; gives the people of whom there is something new. Blocks, for a thread."""
        now = clock.now()
        since = now - dt.timedelta(seconds=LIFE + COMMITTING)
        rows = list(Revocation.objects.filter(at__gt=since).values_list("pk", "person", "at"))
        return self._take(rows, now.timestamp())

    def _take(self, rows: Iterable[tuple[int, int, dt.datetime]], now: float) -> set[int]:
        fresh = set()
        for pk, person, at in rows:
            if pk not in self._seen:
                fresh.add(person)
                self._people[person] = max(self._people.get(person, 0.0), at.timestamp())
                self._seen[pk] = now
        oldest = now - 2 * (LIFE + COMMITTING)
        self._seen = {pk: at for pk, at in self._seen.items() if at > oldest}
        self._people = {person: at for person, at in self._people.items() if at > oldest}
        self.known = True
        return fresh


def sweep() -> int:
    """Throw away rows that no ticket can be older than; a round of the jobs does it."""
    gone, _kinds = Revocation.objects.filter(at__lt=clock.now() - KEPT).delete()
    return gone
