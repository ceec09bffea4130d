"""Recording completions. A list is kept as a batch, applied in slices, and can be taken back for ten minutes.

A slice is one transaction: its completions, places in the space, mails and how far the batch has come are
written together, so a batch that was killed goes on where it stopped. A request does what it can in a few
seconds; what is left of a long list is done by the jobs.
"""

import datetime as dt
import json
import time
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import Refused
from community.people.actions import find_or_make
from community.people.models import User
from community.spaces.models import Membership
from followup.completions.encodings import decode
from followup.completions.models import CompletionEntry
from followup.completions.parser import Days, Listing, Row, parse, parse_text
from followup.courses.models import CompletionBatch, Enrolment, Run
from followup.courses.permissions import can_complete, can_manage_run
from followup.months import actions as months
from followup.months.models import Month

SLICE = 25
"""Rows done in one transaction."""
PATIENCE = 4.0
"""Seconds that a page may take for it; the jobs do the rest."""
LEASE = dt.timedelta(minutes=2)
"""How long one process may hold a batch between two slices."""
MARGIN = dt.timedelta(minutes=2)
"""Mails wait longer than undoing is offered, so that undoing is through before they leave: this, and"""
MARGIN_FOR_A_ROW = dt.timedelta(milliseconds=100)
"""for each row a little more."""


def days_of(run: Run) -> Days:
    """Between which days somebody can have completed this run."""
    return Days(first=run.starts_on, today=clock.today(run.course.institute.time_zone))


@transaction.atomic
def upload(*, run: Run, by: "User | None", raw: bytes, file_name: str, source: str) -> CompletionBatch:
    """Keep a list that somebody brought, to be looked at. Nothing comes of it until it is applied.

    UnreadableError says why nothing of it can be taken. `by` is None for the command.
    """
    require_may_complete(run, by)
    listing = parse(raw, days=days_of(run), language=run.course.institute.language)
    return CompletionBatch.objects.create(
        run=run,
        source=source,
        made_by=by,
        made_at=clock.now(),
        file_name=file_name[-160:],
        content=_as_text(raw, run),
        header=listing.header,
        rows_total=len(listing.rows),
    )


@transaction.atomic
def select_by_hand(
    *, run: Run, by: "User", enrolments: Iterable[Enrolment], completed_on: dt.date
) -> CompletionBatch:
    """Keep who was ticked as having completed the course, to be looked at and then applied."""
    require_may_complete(run, by)
    days = days_of(run)
    if not days.first <= completed_on <= days.today:
        raise Refused(gettext("The day must lie between the first day of the course group and today."))
    ticked = [enrolment.user_id for enrolment in enrolments if enrolment.run_id == run.pk]
    content = json.dumps({"people": ticked, "completed_on": completed_on.isoformat()})
    return CompletionBatch.objects.create(
        run=run,
        source=CompletionBatch.Source.BUTTON,
        made_by=by,
        made_at=clock.now(),
        content=content,
        rows_total=len(ticked),
    )


def require_may_complete(run: Run, by: "User | None") -> None:
    """Refused, in a sentence, for who may not say who completed this run."""
    if by is None or can_complete(by, run):
        return
    raise Refused(gettext("A trainer can say who completed the course from its last day on."))


def listing_of(batch: CompletionBatch) -> Listing:
    """The rows of a batch: those of its file, or who was ticked."""
    if batch.source != CompletionBatch.Source.BUTTON:
        return parse_text(batch.content, days=days_of(batch.run))
    ticked = json.loads(batch.content)
    day = dt.date.fromisoformat(ticked["completed_on"])
    people = User.objects.in_bulk(ticked["people"])
    rows = [
        Row(number, [], people[pk].email, people[pk].name, completed_on=day, user_id=pk)
        for number, pk in enumerate(ticked["people"], 1)
        if pk in people
    ]
    return Listing([], rows)


@transaction.atomic
def start(*, batch: CompletionBatch, by: "User | None") -> CompletionBatch:
    """Say that a batch shall be applied; from now on the ten minutes run. Again changes nothing."""
    batch = _hold(batch.pk)
    require_may_complete(batch.run, by)
    if batch.undone_at is not None:
        raise Refused(gettext("This list has been taken back. Load it again if you need it."))
    if batch.started_at is None:
        batch.started_at = clock.now()
        batch.save(update_fields=["started_at"])
    return batch


def apply(*, batch: CompletionBatch, by: "User | None", patience: float | None = PATIENCE) -> CompletionBatch:
    """Apply a batch, as much as can be done in so many seconds; all with None. Again changes nothing."""
    batch = start(batch=batch, by=by)
    process(batch.pk, patience)
    batch.refresh_from_db()
    return batch


def process(pk: int, patience: float | None = None) -> int:
    """Go on with a batch, unless another process has it in hand. Returns how many rows were done."""
    if not _claim(pk):
        return 0
    batch = CompletionBatch.objects.select_related("run__course__institute").get(pk=pk)
    if not batch.content:
        # Taken back between our claim and our look.
        return 0
    listing, done, until = listing_of(batch), 0, time.monotonic() + (patience or 0)
    try:
        while count := _do_slice(pk, listing):
            done += count
            if patience is not None and time.monotonic() > until:
                break
    finally:
        CompletionBatch.objects.filter(pk=pk).update(claimed_until=None)
    return done


def _claim(pk: int) -> bool:
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    waiting = CompletionBatch.objects.under_way().filter(free, pk=pk)
    return bool(waiting.update(claimed_until=now + LEASE))


def _hold(pk: int) -> CompletionBatch:
    batches = CompletionBatch.objects.select_for_update(of=("self",))
    return batches.select_related("run__course__institute", "made_by").get(pk=pk)


@transaction.atomic
def _do_slice(pk: int, listing: Listing) -> int:
    """Do the next rows of a batch and note how far it has come. Returns how many; 0 when it is over."""
    batch = _hold(pk)
    if batch.applied_at is not None or batch.undone_at is not None:
        return 0
    rows = listing.rows[batch.rows_done : batch.rows_done + SLICE]
    completed: list[User] = []
    for row in rows:
        if not row.is_good:
            batch.refused.append(
                {"line": row.line, "reason": row.reason, "about": row.about, "cells": row.cells}
            )
        elif user := _complete(batch, row):
            completed.append(user)
        else:
            batch.already_there += 1
    if completed:
        _let_in(batch, completed)
    batch.rows_done += len(rows)
    batch.claimed_until = clock.now() + LEASE
    if batch.rows_done >= len(listing.rows):
        batch.applied_at, batch.content = clock.now(), ""
    batch.save()
    return len(rows)


def complete_one(batch: CompletionBatch, row: Row) -> User | None:
    """Complete one row and let its person in, for a rehearsal that is rolled back."""
    user = _complete(batch, row)
    if user:
        _let_in(batch, [user])
    return user


def _complete(batch: CompletionBatch, row: Row) -> User | None:
    """Note that somebody completed the run; None when that was known already."""
    user, made = _person(batch, row)
    completion = {
        "completed_on": row.completed_on or min(batch.run.ends_on, days_of(batch.run).today),
        "completed_at": clock.now(),
        "completed_by": batch.made_by,
        "batch": batch,
    }
    enrolments = Enrolment.objects.select_for_update()
    enrolment, enrolled = enrolments.get_or_create(run=batch.run, user=user, defaults=completion)
    if not enrolled:
        if enrolment.completed_at is not None:
            return None
        Enrolment.objects.filter(pk=enrolment.pk).update(**completion)
    CompletionEntry.objects.create(batch=batch, user=user, made_person=made, enrolled=enrolled)
    return user


def _person(batch: CompletionBatch, row: Row) -> tuple[User, bool]:
    if row.user_id is not None:
        return User.objects.get(pk=row.user_id), False
    return find_or_make(
        name=row.name,
        address=row.address,
        language=row.language or batch.run.course.language,
        time_zone=batch.run.course.institute.time_zone,
        occupation=row.occupation,
    )


def _let_in(batch: CompletionBatch, users: list[User]) -> None:
    """Open the month unless it is open, let them in, and remember of each what that changed."""
    run, until = batch.run, batch.undo_until
    not_before = until + MARGIN + MARGIN_FOR_A_ROW * batch.rows_total if until else None
    month = Month.objects.filter(month_runs__run=run).select_related("space").first()
    were_in = (
        {
            membership.user_id: membership
            for membership in Membership.objects.filter(space=month.space, user__in=users, dismissed_at=None)
        }
        if month
        else {}
    )
    if month is None:
        batch.opened_month = True
    elif batch.end_before is None and not batch.opened_month:
        batch.end_before = month.space.closes_at
    month = months.open_month(run=run, how=_how(batch), by=batch.made_by, not_before=not_before)
    months.admit_completed(month=month, users=users, by=batch.made_by, not_before=not_before)
    for user in users:
        before = were_in.get(user.pk)
        CompletionEntry.objects.filter(batch=batch, user=user).update(
            admitted=before is None, awaiting_until=before.awaiting_until if before else None
        )
    if run.completed_at is None:
        Run.objects.filter(pk=run.pk).update(completed_at=clock.now(), completed_by=batch.made_by)


def _how(batch: CompletionBatch) -> str:
    if batch.source != CompletionBatch.Source.BUTTON:
        return Month.OpenedBy.IMPORT
    if batch.made_by and can_manage_run(batch.made_by, batch.run):
        return Month.OpenedBy.COORDINATOR
    return Month.OpenedBy.ROOM


@transaction.atomic
def drop(*, batch: CompletionBatch, by: "User") -> None:
    """Forget a list that was only looked at."""
    require_may_complete(batch.run, by)
    CompletionBatch.objects.filter(pk=batch.pk, started_at=None).delete()


def _as_text(raw: bytes, run: Run) -> str:
    return decode(raw, run.course.institute.language)
