"""Undoing a batch: everything it changed is reverted, except for people who have written in the meantime.

Marking it as undone is one step, within ten minutes; reverting runs in slices like applying, and the jobs
complete it.
"""

import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused
from community.institutes.models import Staff
from community.people.models import Invitation, User
from community.spaces.models import Membership
from followup.completions.actions import REQUEST_SECONDS, require_may_complete
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch, Enrolment, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.months import actions as months
from followup.months.contributors import contributors_in
from followup.months.models import Month
from messaging.jobs.due import out_of_time

if TYPE_CHECKING:
    from collections.abc import Iterable

PEOPLE_PER_TRANSACTION = 25
"""Fewer than are applied at once: undoing takes statements for each of them, with the month locked."""


def undo(*, batch: CompletionBatch, by: User, seconds: float | None = REQUEST_SECONDS) -> CompletionBatch:
    """Undo as much of a batch as can be done in `seconds`, within ten minutes of its start. Idempotent.

    Raises Refused after that, and if `by` may not complete the run. Returns the batch as it is then.
    """
    _mark_undone(batch.pk, by)
    process_undo(batch.pk, seconds)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def _mark_undone(pk: int, by: User) -> None:
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
            gettext("You had ten minutes to undo this. They have passed and the emails are going out.")
        )
    batch.undone_at, batch.undone_by, batch.content = clock.now(), by, ""
    batch.save(update_fields=["undone_at", "undone_by", "content"])


def process_undo(pk: int, seconds: float | None = None) -> int:
    """Continue a batch that is marked as undone. Returns how many people were processed."""
    done, deadline = 0, time.monotonic() + (seconds or 0)
    while count := _undo_slice(pk):
        done += count
        if out_of_time() or (seconds is not None and time.monotonic() > deadline):
            break
    return done


@transaction.atomic
def _undo_slice(pk: int) -> int:
    batch = (
        CompletionBatch.objects.select_for_update(of=("self",))
        .select_related("run__course__institute")
        .get(pk=pk)
    )
    entries = list(batch.entries.select_related("user").order_by("pk")[:PEOPLE_PER_TRANSACTION])
    if not entries:
        return 0
    month = Month.objects.filter(month_runs__run=batch.run).select_related("space").first()
    contributors = contributors_in(month) if month else set()
    reverted = [entry for entry in entries if entry.user_id not in contributors]
    if month:
        _dismiss_members(month, reverted)
    users = [entry.user_id for entry in reverted]
    completions = Enrolment.objects.filter(run=batch.run, batch=batch, user__in=users)
    completions.filter(user__in=[entry.user_id for entry in reverted if entry.enrolled]).delete()
    completions.update(completed_on=None, completed_at=None, completed_by=None, batch=None)
    batch.kept += len(entries) - len(reverted)
    batch.save(update_fields=["kept"])
    batch.entries.filter(pk__in=[entry.pk for entry in entries]).delete()
    if month and batch.opened_month and not batch.entries.exists():
        _delete_month_if_unused(month)
    _delete_unused_people([entry.user for entry in reverted if entry.made_person], month)
    if not batch.run.enrolments.filter(completed_at__isnull=False).exists():
        Run.objects.filter(pk=batch.run_id).update(completed_at=None, completed_by=None)
    return len(entries)


def _dismiss_members(month: Month, entries: "Iterable[CompletionEntry]") -> None:
    admitted, confirmed = [], []
    # Trainers stay, even if this list contained them too.
    participants = set(
        month.space.memberships.filter(role=SpaceRole.PARTICIPANT).values_list("user", flat=True)
    )
    for entry in entries:
        if entry.admitted and entry.user_id in participants:
            admitted.append(entry.user)
        elif entry.awaiting_until is not None:
            confirmed.append((entry.user, entry.awaiting_until))
    months.undo_admissions(month=month, users=admitted, awaiting=confirmed)


def _delete_month_if_unused(month: Month) -> None:
    other_completions = Enrolment.objects.filter(run__month_run__month=month, completed_at__isnull=False)
    if not other_completions.exists():
        # The permission was checked when the batch was marked; that user may have left the institute since.
        months.undo_opening(month=month, by=SYSTEM)


def _delete_unused_people(people: list[User], month: Month | None) -> None:
    """Delete the users whom this batch created, unless something else refers to them by now."""
    created = User.objects.filter(pk__in=[person.pk for person in people], joined_at=None)
    elsewhere = Membership.objects.filter(user__in=created)
    if month:
        elsewhere = elsewhere.exclude(space=month.space_id)
    referenced = (
        Q(pk__in=Enrolment.objects.filter(user__in=created).values("user"))
        | Q(pk__in=RunTrainer.objects.filter(user__in=created).values("user"))
        | Q(pk__in=Staff.objects.filter(user__in=created).values("user"))
        | Q(pk__in=elsewhere.values("user"))
        | Q(pk__in=Invitation.objects.open().filter(user__in=created).values("user"))
    )
    unused = list(created.exclude(referenced).values_list("pk", flat=True))
    User.objects.filter(pk__in=unused).delete()
