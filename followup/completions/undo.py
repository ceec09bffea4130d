"""Undoing a batch: all that it brought about goes, except for people who have written in the meantime.

Deciding is one step, in time; the taking back runs in slices like the applying, and the jobs finish it.
"""

import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import Refused
from community.institutes.models import Staff
from community.people.models import Invitation, User
from community.spaces.models import Membership
from community.threads.models import Reply
from followup.completions.actions import PATIENCE, SLICE, require_may_complete
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch, Enrolment, Run, RunTrainer
from followup.months import actions as months
from followup.months.models import Month
from messaging.chat.history import writers_in

if TYPE_CHECKING:
    from collections.abc import Iterable


def undo(*, batch: CompletionBatch, by: User, patience: float | None = PATIENCE) -> CompletionBatch:
    """Take back what a batch did, within ten minutes of its start. Again changes nothing."""
    _decide(batch.pk, by)
    take_back(batch.pk, patience)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def _decide(pk: int, by: User) -> None:
    batch = (
        CompletionBatch.objects.select_for_update(of=("self",))
        .select_related("run__course__institute")
        .get(pk=pk)
    )
    require_may_complete(batch.run, by)
    if batch.undone_at is not None:
        return
    if not batch.can_still_be_undone:
        raise Refused(
            gettext("This can be taken back for ten minutes only. They are over; the mails are leaving.")
        )
    batch.undone_at, batch.undone_by, batch.content = clock.now(), by, ""
    batch.save(update_fields=["undone_at", "undone_by", "content"])


def take_back(pk: int, patience: float | None = None) -> int:
    """Go on taking back a batch that shall be undone. Returns how many people were gone through."""
    done, until = 0, time.monotonic() + (patience or 0)
    while count := _take_back_slice(pk):
        done += count
        if patience is not None and time.monotonic() > until:
            break
    return done


@transaction.atomic
def _take_back_slice(pk: int) -> int:
    batch = (
        CompletionBatch.objects.select_for_update(of=("self",))
        .select_related("run__course__institute")
        .get(pk=pk)
    )
    entries = list(batch.entries.select_related("user").order_by("pk")[:SLICE])
    if not entries:
        return 0
    month = Month.objects.filter(month_runs__run=batch.run).select_related("space").first()
    wrote = _who_wrote(month, [entry.user_id for entry in entries]) if month else set()
    going = [entry for entry in entries if entry.user_id not in wrote]
    if month:
        _remove_members(month, going)
    users = [entry.user_id for entry in going]
    completions = Enrolment.objects.filter(run=batch.run, batch=batch, user__in=users)
    completions.filter(user__in=[entry.user_id for entry in going if entry.enrolled]).delete()
    completions.update(completed_on=None, completed_at=None, completed_by=None, batch=None)
    batch.kept += len(entries) - len(going)
    batch.save(update_fields=["kept"])
    batch.entries.filter(pk__in=[entry.pk for entry in entries]).delete()
    if month and batch.opened_month and not batch.entries.exists():
        _close_if_untouched(month)
    _forget([entry.user for entry in going if entry.made_person], month)
    if not batch.run.enrolments.filter(completed_at__isnull=False).exists():
        Run.objects.filter(pk=batch.run_id).update(completed_at=None, completed_by=None)
    return len(entries)


def _remove_members(month: Month, entries: "Iterable[CompletionEntry]") -> None:
    came, waited = [], []
    # Who trains here stays as that, even if this list had them too.
    taking_part = set(
        month.space.memberships.filter(role=Membership.Role.PARTICIPANT).values_list("user", flat=True)
    )
    for entry in entries:
        if entry.admitted and entry.user_id in taking_part:
            came.append(entry.user)
        elif entry.awaiting_until is not None:
            waited.append((entry.user, entry.awaiting_until))
    months.take_back(month=month, users=came, awaiting=waited)


def _who_wrote(month: Month, users: list[int]) -> set[int]:
    space = month.space
    theirs = Q(author__in=users)
    wrote = set(space.threads.filter(theirs).values_list("author", flat=True))
    wrote |= set(space.practices.filter(theirs).values_list("author", flat=True))
    wrote |= set(Reply.objects.filter(theirs, thread__space=space).values_list("author", flat=True))
    wrote |= writers_in(space.room) & set(users)
    return wrote | set(month.steps_told.filter(user__in=users).values_list("user", flat=True))


def _close_if_untouched(month: Month) -> None:
    others = Enrolment.objects.filter(run__month_run__month=month, completed_at__isnull=False)
    if not others.exists():
        # Who may was asked when it was decided; they may have left the institute since.
        months.undo_opening(month=month, by=None)


def _forget(people: list[User], month: Month | None) -> None:
    """Remove those whom the batch had written down, unless something else knows them by now."""
    written_down = User.objects.filter(pk__in=[person.pk for person in people], joined_at=None)
    elsewhere = Membership.objects.filter(user__in=written_down)
    if month:
        elsewhere = elsewhere.exclude(space=month.space_id)
    known = (
        Q(pk__in=Enrolment.objects.filter(user__in=written_down).values("user"))
        | Q(pk__in=RunTrainer.objects.filter(user__in=written_down).values("user"))
        | Q(pk__in=Staff.objects.filter(user__in=written_down).values("user"))
        | Q(pk__in=elsewhere.values("user"))
        | Q(pk__in=Invitation.objects.open().filter(user__in=written_down).values("user"))
    )
    gone = list(written_down.exclude(known).values_list("pk", flat=True))
    User.objects.filter(pk__in=gone).delete()
