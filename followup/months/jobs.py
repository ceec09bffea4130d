"""What falls due in a month, read from the database. Any number of processes may run it and be killed.

An occasion is done in one transaction that locks its row, writes every mail and marks the row done: killed
before the commit, nothing of it has happened, and the next process does all of it.

When the jobs were down on the day, nobody gets all of the missed mails at once: of several prompts only the
newest is sent, and none that is more than a week old; a warning is
skipped if a later one, or the end itself, is due as well. The end is announced however late.
"""

import datetime as dt
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from common import clock
from common.access import SYSTEM
from community.institutes.models import Institute
from community.people.models import User
from community.spaces.models import Membership, MembershipQuerySet
from community.spaces.queries import has_answerer
from followup.courses.models import Enrolment, Run
from followup.courses.roles import SpaceRole
from followup.months import actions, mails, news, prompts, queries
from followup.months.models import Month, MonthPrompt, Occasion
from messaging.jobs import due, loop

Kind = Occasion.Kind
ON_HAND_INTERVAL = dt.timedelta(minutes=1)
MAX_OPENING_DELAY = dt.timedelta(days=31)
"""A run that ended longer ago is an old one being entered; its month does not open by itself."""


def register() -> None:
    """Add the sweeps to the jobs."""
    loop.register("month openings", sweep_openings)
    loop.register("occasions", sweep_occasions)
    loop.register("trainers on hand", sweep_on_hand, every=ON_HAND_INTERVAL)


def sweep_openings() -> int:
    """Open the month of every run whose last day is over and whose completion nobody has recorded.

    Returns how many were opened.
    """
    return due.sweep_rows("month openings", _runs_that_are_over(), open_by_date, due_at="over_at")


def _runs_that_are_over() -> "QuerySet[Run]":
    over = Q(pk=None)
    for zone in Institute.objects.order_by().values_list("time_zone", flat=True).distinct():
        try:
            today = clock.today(zone)
        except (ZoneInfoNotFoundError, ValueError):
            # Runs in an invalid zone are due too, so that the failure of each is recorded and shown.
            today = clock.today("UTC")
        over |= Q(
            course__institute__time_zone=zone, ends_on__lt=today, ends_on__gte=today - MAX_OPENING_DELAY
        )
    enrolled = Exists(Enrolment.objects.filter(run=OuterRef("pk")))
    over_at = ExpressionWrapper(
        Cast("ends_on", DateTimeField()) + dt.timedelta(days=1), output_field=DateTimeField()
    )
    runs = Run.objects.filter(over, enrolled, completed_at=None, month_run=None)
    return runs.annotate(over_at=over_at).order_by("ends_on", "pk")


def open_by_date(pk: int) -> int:
    """Open the month of one run. Returns 1."""
    actions.open_month(run=Run.objects.get(pk=pk), how=Month.OpenedBy.DATE, by=SYSTEM)
    return 1


def sweep_on_hand() -> int:
    """Tell the coordinators of open months in which nobody is on hand any more, and of those in which
    somebody is again withdraw it. Returns how many changed."""
    months = queries.with_outdated_record(Month.objects.open()).annotate(
        seen_at=Value(clock.now(), output_field=DateTimeField())
    )
    return due.sweep_rows("trainers on hand", months.order_by("pk"), record_on_hand, due_at="seen_at")


def record_on_hand(pk: int) -> int:
    """Record who is on hand in one month. Returns 1 if it changed."""
    return int(actions.record_who_is_on_hand(month=Month.objects.get(pk=pk)))


def sweep_occasions() -> int:
    """Do all occasions that are due, oldest first. Returns how many were done."""
    waiting = Occasion.objects.filter(done_at=None, due_at__lte=clock.now()).order_by("due_at", "pk")
    return due.sweep_rows("occasions", waiting, do_occasion, due_at="due_at")


@transaction.atomic
def do_occasion(pk: int) -> int:
    """Do one occasion. Returns 1, or 0 if it is done, was withdrawn or is locked by another process."""
    occasion = (
        Occasion.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("month__space__institute", "month__course")
        .filter(pk=pk, done_at=None, due_at__lte=clock.now())
        .first()
    )
    if occasion is None:
        return 0
    _HANDLERS[Kind(occasion.kind)](occasion)
    occasion.done_at = clock.now()
    occasion.save(update_fields=["done_at"])
    return 1


def _prompt(occasion: Occasion) -> None:
    month, now = occasion.month, clock.now()
    later = month.occasions.filter(kind=Kind.PROMPT, due_at__lte=now, position__gt=occasion.position)
    if not month.space.is_open or now - occasion.due_at > prompts.MAX_DELAY or later.exists():
        return
    prompt = MonthPrompt.objects.filter(month=month, position=occasion.position).first()
    if prompt is not None:
        members = _current(month).filter(role=SpaceRole.PARTICIPANT, reads_along=False)
        people = _people(members)
        mails.post_prompt(occasion, prompt, people)
        news.notify_prompt(occasion, prompt, people)


def _closing(occasion: Occasion) -> None:
    month, now = occasion.month, clock.now()
    later = month.occasions.filter(kind=Kind.DAY_BEFORE, due_at__lte=now).exclude(pk=occasion.pk)
    if month.space.is_open and not later.filter(due_at__gt=occasion.due_at).exists():
        members = list(_joined(_current(month)))
        mails.post_closing(occasion, members)
        news.notify_closing(occasion, [membership.user for membership in members])


def _closed(occasion: Occasion) -> None:
    if not occasion.month.space.is_open:
        people = _people(_current(occasion.month))
        mails.post_closed(occasion, people)
        news.notify_closed(occasion, people)


def _confirm_notice(occasion: Occasion) -> None:
    ends = occasion.month.occasions.filter(kind=Kind.CONFIRM_OVER, due_at__gt=occasion.due_at)
    end = ends.order_by("due_at").values_list("due_at", flat=True).first()
    mails.post_awaiting(occasion, _joined(_current(occasion.month).filter(awaiting_until=end)))


def _confirm_over(occasion: Occasion) -> None:
    people = actions.end_awaiting(month=occasion.month)
    mails.post_not_confirmed(occasion, [user for user in people if user.joined_at])


def _trainer_due(occasion: Occasion) -> None:
    if occasion.month.space.is_open and not has_answerer(occasion.month.space):
        news.notify_trainer_due(occasion)


def _current(month: Month) -> MembershipQuerySet:
    return Membership.objects.current().filter(space=month.space)


def _joined(memberships: MembershipQuerySet) -> MembershipQuerySet:
    # Who has not accepted the invitation cannot follow any other link.
    return memberships.filter(user__joined_at__isnull=False).select_related("user")


def _people(memberships: MembershipQuerySet) -> list[User]:
    return [membership.user for membership in _joined(memberships)]


_HANDLERS = {
    Kind.PROMPT: _prompt,
    Kind.WEEK_BEFORE: _closing,
    Kind.DAY_BEFORE: _closing,
    Kind.CLOSED: _closed,
    Kind.CONFIRM_NOTICE: _confirm_notice,
    Kind.CONFIRM_OVER: _confirm_over,
    Kind.TRAINER_DUE: _trainer_due,
}
