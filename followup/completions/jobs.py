"""What falls due for completions: the rest of long lists and of their undoing, and expired lists."""

import datetime as dt

from django.db.models import Exists, OuterRef

from common import clock
from followup.completions.actions import process, unclaimed
from followup.completions.models import CompletionEntry
from followup.completions.undo import process_undo
from followup.courses.models import CompletionBatch
from messaging.jobs import due, loop

UNAPPLIED_LIST_LIFETIME = dt.timedelta(days=7)
"""After this time a list that was never applied is deleted."""
REFUSED_ROWS_LIFETIME = dt.timedelta(days=60)
"""For this time refused rows can be downloaded to be corrected."""
EXPIRY_INTERVAL = dt.timedelta(hours=1)


def register() -> None:
    """Add the sweeps to the jobs."""
    loop.register("completions", sweep_batches)
    loop.register("completion undos", sweep_undos)
    loop.register("completion expiry", sweep_expired, every=EXPIRY_INTERVAL)


def sweep_batches() -> int:
    """Continue batches that a request or command left unfinished. Returns how many rows were done."""
    rows = unclaimed().order_by("started_at", "pk")
    return due.sweep_rows("completions", rows, process, due_at="started_at")


def sweep_undos() -> int:
    """Continue undoing batches. Returns how many people were processed."""
    left = Exists(CompletionEntry.objects.filter(batch=OuterRef("pk")))
    rows = CompletionBatch.objects.filter(left, undone_at__isnull=False).order_by("undone_at", "pk")
    return due.sweep_rows("completion undos", rows, process_undo, due_at="undone_at")


def sweep_expired() -> int:
    """Delete lists that were never applied, and old refused rows. Returns how many."""
    now = clock.now()
    unapplied = CompletionBatch.objects.filter(started_at=None, made_at__lt=now - UNAPPLIED_LIST_LIFETIME)
    deleted, _details = unapplied.delete()
    old = CompletionBatch.objects.filter(applied_at__lt=now - REFUSED_ROWS_LIFETIME).exclude(refused=[])
    return deleted + old.update(refused=[], header=[])
