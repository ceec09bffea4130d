"""What the jobs do for completions: go on with long lists, finish taking back, let go of old lists."""

import datetime as dt
import logging

from django.db.models import Q

from common import clock
from followup.completions.actions import process
from followup.completions.undo import take_back
from followup.courses.models import CompletionBatch
from messaging.jobs import loop

LOOKED_AT_FOR = dt.timedelta(days=7)
"""How long a list that was never applied is kept."""
REFUSED_FOR = dt.timedelta(days=60)
"""How long refused rows are kept for mending."""

logger = logging.getLogger("aftercourse.completions")


def register() -> None:
    """Have the completions' due work done by `manage.py jobs`."""
    loop.register("completions", sweep)


def sweep() -> int:
    """Do all that is left over from requests and commands. Returns how many things were done."""
    done = 0
    free = Q(claimed_until=None) | Q(claimed_until__lte=clock.now())
    for pk in CompletionBatch.objects.under_way().filter(free).values_list("pk", flat=True):
        try:
            done += process(pk)
        except Exception:
            logger.exception("Completion list %s could not go on; it is tried again in the next round", pk)
    undone = CompletionBatch.objects.filter(undone_at__isnull=False, entries__isnull=False).distinct()
    for pk in undone.values_list("pk", flat=True):
        try:
            done += take_back(pk)
        except Exception:
            logger.exception("Completion list %s could not be taken back; it is tried again", pk)
    return done + _let_go()


def _let_go() -> int:
    now = clock.now()
    old = CompletionBatch.objects.filter(started_at=None, made_at__lt=now - LOOKED_AT_FOR)
    dropped, _details = old.delete()
    mended = CompletionBatch.objects.filter(applied_at__lt=now - REFUSED_FOR).exclude(refused=[])
    return dropped + mended.update(refused=[], header=[])
