"""Erase people whose week is over."""

from common import clock
from community.erasure import actions
from community.people.models import User
from messaging.jobs import due, loop

KIND = "erasure"


def register() -> None:
    """Add the sweep to the jobs."""
    loop.register(KIND, sweep)


def sweep() -> int:
    """Erase everybody whose week is over. Returns how many."""
    waiting = User.objects.filter(erasure_at__lte=clock.now()).order_by("erasure_at", "pk")
    return due.sweep_rows(KIND, waiting, erase_due, due_at="erasure_at")


def erase_due(pk: int) -> int:
    """Erase one; returns 1, or 0 if another process does."""
    user = actions.claim_due(pk)
    return int(user is not None and actions.erase(user=user))
