"""What falls due in a month, read from our own rows. Any number of processes may do it and be killed.

An occasion is done in one transaction that holds its row, writes every mail it has to write and marks it
done; killed anywhere before the commit, nothing of it has happened and the next one does it all.

When the jobs were not running on the day, nobody gets a burst of what they missed: of several prompts only
the newest is sent, and none that is more than a week old; a warning that a later one has overtaken, or
the end itself, is left out. The end is told however late.
"""

import datetime as dt
import logging

from django.db import transaction

from common import clock
from community.people.models import User
from community.spaces.models import Membership, MembershipQuerySet
from followup.courses.models import Run
from followup.months import actions, mails, news
from followup.months.models import Month, MonthPrompt, Occasion
from messaging.jobs import loop

Kind = Occasion.Kind
LATEST = dt.timedelta(days=7)
"""How late a prompt may still be sent."""
FORGOTTEN_AFTER = dt.timedelta(days=31)
"""A group whose last day is longer ago is an old one being entered; its month does not open by itself."""

logger = logging.getLogger("aftercourse.months")


def register() -> None:
    """Have the month's due work done by `manage.py jobs`."""
    loop.register("months", sweep)


def sweep() -> int:
    """Open the months whose day has come, then tell what is due. Returns how many things were done."""
    return open_by_date() + do_occasions()


def open_by_date() -> int:
    """Open the month of every group whose last day is over and whose completion nobody has told us."""
    latest = clock.today("Etc/GMT-14")
    earliest = latest - FORGOTTEN_AFTER
    waiting = (
        Run.objects.filter(completed_at=None, month_run=None, ends_on__lt=latest, ends_on__gte=earliest)
        .filter(enrolments__isnull=False)
        .distinct()
        .select_related("course__institute")
    )
    opened = 0
    for run in waiting:
        opened += _open_if_over(run)
    return opened


def _open_if_over(run: Run) -> int:
    try:
        if run.ends_on >= clock.today(run.course.institute.time_zone):
            return 0
        actions.open_month(run=run, how=Month.OpenedBy.DATE, by=None)
    except Exception:
        logger.exception("The month of group %s could not open; it is tried again in the next round", run.pk)
        return 0
    return 1


def do_occasions() -> int:
    """Do all occasions that are due, oldest first. One that fails is logged and holds up no other."""
    done, seen = 0, list[int]()
    while (pk := _next_due(seen)) is not None:
        try:
            done += do(pk)
        except Exception:
            logger.exception("Occasion %s failed; it is tried again in the next round", pk)
        # Done now, or failed, or in somebody else's hands: not ours any more in this round.
        seen.append(pk)
    return done


@transaction.atomic
def do(pk: int) -> int:
    """Do one occasion, unless it is done, withdrawn or in other hands. Returns 1 if it was done here."""
    occasion = (
        Occasion.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("month__space__institute", "month__course")
        .filter(pk=pk, done_at=None, due_at__lte=clock.now())
        .first()
    )
    if occasion is None:
        return 0
    _DOERS[Kind(occasion.kind)](occasion)
    occasion.done_at = clock.now()
    occasion.save(update_fields=["done_at"])
    return 1


def _next_due(not_these: list[int]) -> int | None:
    due = Occasion.objects.filter(done_at=None, due_at__lte=clock.now()).exclude(pk__in=not_these)
    return due.order_by("due_at", "pk").values_list("pk", flat=True).first()


def _prompt(occasion: Occasion) -> None:
    month, now = occasion.month, clock.now()
    overtaken = month.occasions.filter(kind=Kind.PROMPT, due_at__lte=now, position__gt=occasion.position)
    if not month.space.is_open or now - occasion.due_at > LATEST or overtaken.exists():
        return
    prompt = MonthPrompt.objects.filter(month=month, position=occasion.position).first()
    if prompt is not None:
        members = _current(month).filter(role=Membership.Role.PARTICIPANT, reads_along=False)
        people = _people(members)
        mails.tell_prompt(occasion, prompt, people)
        news.tell_prompt(occasion, prompt, people)


def _closing(occasion: Occasion) -> None:
    month, now = occasion.month, clock.now()
    overtaken = month.occasions.filter(kind=Kind.DAY_BEFORE, due_at__lte=now).exclude(pk=occasion.pk)
    if month.space.is_open and not overtaken.filter(due_at__gt=occasion.due_at).exists():
        members = list(_joined(_current(month)))
        mails.tell_closing(occasion, members)
        news.tell_closing(occasion, [one.user for one in members])


def _closed(occasion: Occasion) -> None:
    if not occasion.month.space.is_open:
        people = _people(_current(occasion.month))
        mails.tell_closed(occasion, people)
        news.tell_closed(occasion, people)


def _confirm_notice(occasion: Occasion) -> None:
    ends = occasion.month.occasions.filter(kind=Kind.CONFIRM_OVER, due_at__gt=occasion.due_at).order_by(
        "due_at"
    )
    end = ends.values_list("due_at", flat=True).first()
    mails.tell_awaiting(occasion, _joined(_current(occasion.month).filter(awaiting_until=end)))


def _confirm_over(occasion: Occasion) -> None:
    people = actions.end_awaiting(month=occasion.month)
    mails.tell_not_confirmed(occasion, [user for user in people if user.joined_at])


def _current(month: Month) -> MembershipQuerySet:
    return Membership.objects.current().filter(space=month.space)


def _joined(memberships: MembershipQuerySet) -> MembershipQuerySet:
    # Who has not accepted the invitation yet has that; a second letter would lead them nowhere.
    return memberships.filter(user__joined_at__isnull=False).select_related("user")


def _people(memberships: MembershipQuerySet) -> list[User]:
    return [one.user for one in _joined(memberships)]


_DOERS = {
    Kind.PROMPT: _prompt,
    Kind.WEEK_BEFORE: _closing,
    Kind.DAY_BEFORE: _closing,
    Kind.CLOSED: _closed,
    Kind.CONFIRM_NOTICE: _confirm_notice,
    Kind.CONFIRM_OVER: _confirm_over,
}
