"""What falls due for live hours: the reminder, the beginning and the end."""

from django.db import transaction
from django.db.models import Case, F, Q, When

from common import clock
from followup.live_hours import news
from followup.live_hours.actions import REMINDER_LEAD, begin, end, lock_hours
from followup.live_hours.models import LiveHour
from messaging.jobs import due, loop


def register() -> None:
    """Add the sweep to the jobs."""
    loop.register("live hours", sweep_live_hours)


def sweep_live_hours() -> int:
    """Remind of the hours that begin soon, announce those that have begun, and end those that are over.

    Returns how many were processed.
    """
    now = clock.now()
    near = Q(cancelled_at=None, reminded_at=None, starts_at__gt=now, starts_at__lte=now + REMINDER_LEAD)
    begun = Q(cancelled_at=None, begun_at=None, starts_at__lte=now, ends_at__gt=now)
    over = Q(ends_at__lte=now)
    due_at = Case(
        When(over, then=F("ends_at")),
        When(begun, then=F("starts_at")),
        default=F("starts_at") - REMINDER_LEAD,
    )
    not_ended = LiveHour.objects.filter(ended_at=None, starts_at__lte=now + REMINDER_LEAD)
    hours = not_ended.filter(near | begun | over).annotate(due_at=due_at)
    return due.sweep_rows("live hours", hours.order_by("starts_at", "pk"), process, due_at="due_at")


@transaction.atomic
def process(pk: int) -> int:
    """Do what is due for one hour. Returns 1, or 0 if nothing is or another process has locked it."""
    hour = lock_hours(skip_locked=True).filter(pk=pk).first()
    if hour is None:
        return 0
    if hour.ends_at <= clock.now() and hour.ended_at is None:
        end(hour)
        return 1
    if not hour.month.space.is_open:
        return 0
    if hour.is_live and hour.begun_at is None:
        begin(hour)
        return 1
    if hour.is_ahead and hour.reminded_at is None and hour.starts_at <= clock.now() + REMINDER_LEAD:
        hour.reminded_at = clock.now()
        hour.save(update_fields=["reminded_at"])
        news.notify_soon(hour)
        return 1
    return 0
