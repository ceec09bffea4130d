"""What falls due for live hours: reminders, the beginning and the end."""

import logging

from django.db import transaction
from django.db.models import Q

from common import clock
from followup.live_hours import news
from followup.live_hours.actions import REMINDER_LEAD, begin, end, loaded
from followup.live_hours.models import LiveHour
from messaging.jobs import loop

logger = logging.getLogger("aftercourse.months")


def register() -> None:
    """Add the sweep to the jobs."""
    loop.register("live hours", sweep_live_hours)


def sweep_live_hours() -> int:
    """Remind of the hours that are near, tell of those that begin, and let go of those that are over.

    Returns how many of them there were.
    """
    now = clock.now()
    near = Q(cancelled_at=None, reminded_at=None, starts_at__gt=now, starts_at__lte=now + REMINDER_LEAD)
    begun = Q(cancelled_at=None, begun_at=None, starts_at__lte=now, ends_at__gt=now)
    over = Q(ended_at=None, ends_at__lte=now)
    done = 0
    for pk in LiveHour.objects.filter(near | begun | over).values_list("pk", flat=True):
        try:
            done += process(pk)
        except Exception:
            logger.exception("Live hour %s could not be told of; it is tried again in the next round", pk)
    return done


@transaction.atomic
def process(pk: int) -> int:
    """Tell of one hour what is due, unless that is done or in other hands. Returns 1 if it was done here."""
    hour = loaded(LiveHour.objects.all()).select_for_update(skip_locked=True, of=("self",))
    found = hour.filter(pk=pk).first()
    if found is None:
        return 0
    if found.ends_at <= clock.now() and found.ended_at is None:
        end(found)
        return 1
    if not found.month.space.is_open:
        return 0
    if found.is_live and found.begun_at is None:
        begin(found, news.hold(found))
        return 1
    if found.is_ahead and found.reminded_at is None and found.starts_at <= clock.now() + REMINDER_LEAD:
        found.reminded_at = clock.now()
        found.save(update_fields=["reminded_at"])
        news.tell_soon(found)
        return 1
    return 0
