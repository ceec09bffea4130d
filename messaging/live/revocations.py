"""Which users lost rights or a sign-in recently, as known to this process: by hints at once, and by the rows
of `Revocation` within one round of reconciling.

A ticket issued before that is stale: its bearer's rights are looked up in the database. From the same rows
the reconciler finds the sockets to check when a hint was lost.
"""

import datetime as dt
from collections.abc import Iterable

from common import clock
from messaging.live.models import Revocation
from messaging.live.ticket import TICKET_TTL_SECONDS, Ticket

MAX_COMMIT_SECONDS = 30
"""The longest time between writing a row and its commit: rows may become visible out of order by this much,
and a ticket issued in between does not reflect it."""
KEEP_REVOCATIONS = dt.timedelta(hours=1)
"""How long rows are kept; about ten times the lifetime of a ticket."""


class Revocations:
    """The revocations that tickets still valid may be older than."""

    def __init__(self) -> None:
        self.known = False
        """Whether the rows have been read; until then every ticket is stale."""
        self._people: dict[int, float] = {}
        self._seen: dict[int, float] = {}

    def stale(self, ticket: Ticket) -> bool:
        """Whether this person's rights or sign-in changed since the ticket was issued."""
        at = self._people.get(ticket.person.id)
        return not self.known or (at is not None and ticket.issued_at <= at + MAX_COMMIT_SECONDS)

    def changed(self, user_id: int) -> None:
        """A right or sign-in of this user was revoked now; their earlier tickets are stale."""
        self._people[user_id] = clock.now().timestamp()

    def read(self) -> set[int]:
        """Read the rows; returns the users with a new one. Blocks: call it in a thread."""
        now = clock.now()
        since = now - dt.timedelta(seconds=TICKET_TTL_SECONDS + MAX_COMMIT_SECONDS)
        rows = list(Revocation.objects.filter(at__gt=since).values_list("pk", "person", "at"))
        return self._record(rows, now.timestamp())

    def _record(self, rows: Iterable[tuple[int, int, dt.datetime]], now: float) -> set[int]:
        fresh = set()
        for pk, user_id, at in rows:
            if pk not in self._seen:
                fresh.add(user_id)
                self._people[user_id] = max(self._people.get(user_id, 0.0), at.timestamp())
                self._seen[pk] = now
        oldest = now - 2 * (TICKET_TTL_SECONDS + MAX_COMMIT_SECONDS)
        self._seen = {pk: at for pk, at in self._seen.items() if at > oldest}
        self._people = {user_id: at for user_id, at in self._people.items() if at > oldest}
        self.known = True
        return fresh


def sweep() -> int:
    """Delete rows older than every valid ticket; returns how many. Run by the jobs."""
    deleted, _by_model = Revocation.objects.filter(at__lt=clock.now() - KEEP_REVOCATIONS).delete()
    return deleted
