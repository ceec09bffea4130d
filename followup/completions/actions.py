"""Recording completions. A list is stored as a batch, applied in slices, and can be undone for ten minutes.

A slice is one transaction: its completions, memberships and mails and the progress of the batch are
committed together, so a batch whose process was killed continues where it stopped. A request does what it can
in a few seconds; the jobs do the rest of a long list.
"""

import datetime as dt
import json
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused, System, recorded
from common.database import cannot_write, is_away, took_too_long
from community.people.actions import Listed, find_or_create_users
from community.people.models import User
from community.spaces.models import Membership
from followup.completions.models import CompletionEntry, RefusedRow
from followup.courses.models import CompletionBatch, Enrolment, Run
from followup.courses.permissions import can_complete, can_manage_run
from followup.courses.run_actions import lock_run
from followup.lists.matching import Days
from followup.lists.parser import Listing, Row, parse, parse_pasted, parse_text
from followup.months import actions as months
from followup.months.models import Month
from messaging.jobs.due import out_of_time

if TYPE_CHECKING:
    from django.db.models import QuerySet

ROWS_PER_TRANSACTION = 250
"""A slice costs the same number of statements however many rows it has."""
ROWS_AFTER_FAILURE = 25
"""A slice that failed is applied in smaller ones, so that the rows before the one that fails are done. One in
which a statement took too long is halved, as are those after it."""
REQUEST_SECONDS = 4.0
"""Time box of a request that processes a batch; the jobs do the rest."""
LEASE = dt.timedelta(minutes=2)
"""How long a claim lasts. It is renewed with each slice."""
MAIL_MARGIN = dt.timedelta(minutes=2)
"""Mails wait this much longer than undoing is offered, so that an undo is complete before they leave."""
MAIL_MARGIN_PER_ROW = dt.timedelta(milliseconds=100)
"""Added to the margin for each row of the list."""


def days_of(run: Run) -> Days:
    """The days on which somebody can have completed this run."""
    zone = run.course.institute.time_zone
    return Days(first=run.starts_on, today=clock.today(zone), zone=zone)


def upload(*, run: Run, by: User | System, raw: bytes, file_name: str, source: str) -> CompletionBatch:
    """Store a list to be previewed; nothing else happens until it is applied.

    Raises UnreadableError if nothing of the file can be read, and Refused if `by` may not complete the run.
    """
    require_may_complete(run, by)
    listing = parse(raw, days=days_of(run), language=run.course.institute.language)
    return store(listing, run=run, by=by, source=source, file_name=file_name)


def paste(*, run: Run, by: User, text: str) -> CompletionBatch:
    """Store a pasted list to be previewed, as `upload` does a file.

    Raises UnreadableError if nothing of it can be read, and Refused if `by` may not complete the run.
    """
    require_may_complete(run, by)
    listing = parse_pasted(text, days=days_of(run), language=run.course.institute.language)
    return store(listing, run=run, by=by, source=CompletionBatch.Source.PASTED)


@transaction.atomic
def store(
    listing: Listing, *, run: Run, by: User | System, source: str, file_name: str = ""
) -> CompletionBatch:
    """Store a list that was parsed before: parsing takes seconds, and a transaction of SQLite is the only
    writer. Raises Refused if `by` may not complete the run by now."""
    run = lock_run(run)
    require_may_complete(run, by)
    return CompletionBatch.objects.create(
        run=run,
        source=source,
        made_by=recorded(by),
        made_at=clock.now(),
        file_name=file_name[-160:],
        content=json.dumps(listing.to_json(), ensure_ascii=False),
        header=listing.header,
        rows_total=len(listing.rows),
    )


@transaction.atomic
def select_by_hand(
    *, run: Run, by: User, enrolments: Iterable[Enrolment], completed_on: dt.date
) -> CompletionBatch:
    """Store a selection of the enrolled people as a batch, to be previewed and then applied.

    Raises Refused if `by` may not complete the run, or if the day is before the run or in the future.
    """
    require_may_complete(run, by)
    days = days_of(run)
    if not days.first <= completed_on <= days.today:
        raise Refused(gettext("The date must be between the first day of the course group and today."))
    selected = [enrolment.user_id for enrolment in enrolments if enrolment.run_id == run.pk]
    content = json.dumps({"people": selected, "completed_on": completed_on.isoformat()})
    return CompletionBatch.objects.create(
        run=run,
        source=CompletionBatch.Source.BUTTON,
        made_by=by,
        made_at=clock.now(),
        content=content,
        rows_total=len(selected),
    )


def require_may_complete(run: Run, by: User | System) -> None:
    """Raise Refused if this user may not record completions of this run."""
    if not isinstance(by, System) and not can_complete(by, run):
        raise Refused(gettext("Trainers can record who completed the course from its last day on."))


def listing_of(batch: CompletionBatch) -> Listing:
    """The rows of a batch: those of its list, or the people who were selected by hand."""
    if not batch.content.startswith("{"):
        # A list that was stored by a former release, as its text.
        return parse_text(
            batch.content, days=days_of(batch.run), language=batch.run.course.institute.language
        )
    selected = json.loads(batch.content)
    if batch.source != CompletionBatch.Source.BUTTON:
        return Listing.from_json(selected)
    day = dt.date.fromisoformat(selected["completed_on"])
    people = User.objects.filter(erased_at=None).in_bulk(selected["people"])
    rows = [
        Row(number, [], people[pk].email, people[pk].name, completed_on=day, user_id=pk)
        for number, pk in enumerate(selected["people"], 1)
        if pk in people
    ]
    return Listing([], rows)


@transaction.atomic
def start(*, batch: CompletionBatch, by: User | System, trainer_by: dt.date | None = None) -> CompletionBatch:
    """Mark a batch to be applied; the ten minutes for undoing begin. Idempotent.

    Raises Refused if `by` may not complete the run, if the batch was undone, or if it opens a month in which
    nobody is on hand and `trainer_by` does not say by when somebody will be. Returns the batch.
    """
    batch = _lock(batch.pk)
    run = lock_run(batch.run)
    require_may_complete(run, by)
    if batch.undone_at is not None:
        raise Refused(gettext("This list was undone. Upload it again if you need it."))
    if batch.started_at is None:
        if not Month.objects.filter(month_runs__run=run).exists():
            months.require_somebody_on_hand(run, trainer_by, by)
            batch.trainer_by = trainer_by
        batch.started_at = clock.now()
        batch.save(update_fields=["started_at", "trainer_by"])
    return batch


def apply(
    *,
    batch: CompletionBatch,
    by: User | System,
    seconds: float | None = REQUEST_SECONDS,
    trainer_by: dt.date | None = None,
) -> CompletionBatch:
    """Apply as much of a batch as can be done in `seconds`; all of it with None. Idempotent.

    Raises what `start` raises. Returns the batch as it is then.
    """
    batch = start(batch=batch, by=by, trainer_by=trainer_by)
    process(batch.pk, seconds)
    batch.refresh_from_db()
    return batch


def process(pk: int, seconds: float | None = None) -> int:
    """Continue a started batch unless another process has claimed it. Returns how many rows were done."""
    if not _claim(pk):
        return 0
    batch = CompletionBatch.objects.select_related("run__course__institute").get(pk=pk)
    if not batch.content:
        # It was undone between our claim and this query.
        return 0
    listing, done, deadline = listing_of(batch), 0, time.monotonic() + (seconds or 0)
    slices = _Slices(pk, listing)
    try:
        while count := slices.process_next():
            done += count
            if out_of_time() or (seconds is not None and time.monotonic() > deadline):
                break
    finally:
        CompletionBatch.objects.filter(pk=pk).update(claimed_until=None)
    return done


class _Slices:
    """The slices of one batch, as large as they can be done."""

    def __init__(self, pk: int, listing: Listing) -> None:
        self._pk, self._listing = pk, listing
        self._size = ROWS_PER_TRANSACTION

    def process_next(self) -> int:
        """Returns how many rows were done; 0 when the batch is complete."""
        try:
            return _process_slice(self._pk, self._listing, self._size)
        except Exception as error:
            if took_too_long(error) and self._size > ROWS_AFTER_FAILURE:
                self._size //= 2
                return self.process_next()
            if is_away(error) or cannot_write(error):
                raise
            return _process_slice(self._pk, self._listing, ROWS_AFTER_FAILURE)


def unclaimed() -> "QuerySet[CompletionBatch]":
    """Batches that are being applied and that no process has claimed."""
    unclaimed_or_expired = Q(claimed_until=None) | Q(claimed_until__lte=clock.now())
    return CompletionBatch.objects.under_way().filter(unclaimed_or_expired)


def _claim(pk: int) -> bool:
    return bool(unclaimed().filter(pk=pk).update(claimed_until=clock.now() + LEASE))


def _lock(pk: int) -> CompletionBatch:
    """The locked batch, without its rows, which may be megabytes."""
    batches = CompletionBatch.objects.select_for_update(of=("self",)).defer("content")
    return batches.select_related("run__course__institute", "made_by").get(pk=pk)


@transaction.atomic
def _process_slice(pk: int, listing: Listing, size: int) -> int:
    """Apply the next rows of a batch and save its progress. Returns how many; 0 when it is complete."""
    batch = _lock(pk)
    if batch.applied_at is not None or batch.undone_at is not None:
        return 0
    lock_run(batch.run)
    rows = listing.rows[batch.rows_done : batch.rows_done + size]
    batch.refused += [
        RefusedRow(line=row.line, reason=row.reason, about=row.about, cells=row.cells)
        for row in rows
        if not row.is_good
    ]
    good = [row for row in rows if row.is_good]
    completed = _record_completions(batch, good)
    batch.already_there += len(good) - len(completed)
    if completed:
        _admit(batch, completed)
    batch.rows_done += len(rows)
    batch.claimed_until = clock.now() + LEASE
    if batch.rows_done >= len(listing.rows):
        batch.applied_at, batch.content = clock.now(), ""
    # Without `content`, which was not read, unless it was emptied.
    batch.save()
    return len(rows)


def _record_completions(batch: CompletionBatch, rows: Sequence[Row]) -> list[CompletionEntry]:
    """Complete the enrolments of these rows. Returns an unsaved entry for each newly completed person."""
    entries: dict[int, CompletionEntry] = {}
    days: dict[int, dt.date] = {}
    last_day = min(batch.run.ends_on, days_of(batch.run).today)
    for row, (user, is_new) in zip(rows, _people(batch, rows), strict=True):
        if user.pk not in entries:
            entries[user.pk] = CompletionEntry(batch=batch, user=user, made_person=is_new)
            days[user.pk] = row.completed_on or last_day
    enrolments = Enrolment.objects.select_for_update().filter(run=batch.run, user__in=entries)
    existing = {enrolment.user_id: enrolment for enrolment in enrolments.order_by("pk")}
    completion: dict[str, Any] = {
        "completed_at": clock.now(),
        "completed_by": batch.made_by,
        "batch": batch,
    }
    missing = [
        Enrolment(run=batch.run, user_id=user, completed_on=days[user], **completion)
        for user in entries
        if user not in existing
    ]
    Enrolment.objects.bulk_create(missing)
    for enrolment in missing:
        entries[enrolment.user_id].enrolled = True
    waiting = [enrolment for enrolment in existing.values() if enrolment.completed_at is None]
    for enrolment in waiting:
        enrolment.completed_on = days[enrolment.user_id]
        for name, value in completion.items():
            setattr(enrolment, name, value)
    Enrolment.objects.bulk_update(waiting, ["completed_on", *completion])
    completed = {enrolment.user_id for enrolment in [*missing, *waiting]}
    return [entry for user, entry in entries.items() if user in completed]


def _people(batch: CompletionBatch, rows: Sequence[Row]) -> list[tuple[User, bool]]:
    """The user of each row, and whether it was created."""
    if batch.source == CompletionBatch.Source.BUTTON:
        users = User.objects.in_bulk([row.user_id for row in rows if row.user_id])
        return [(users[row.user_id], False) for row in rows if row.user_id]
    course = batch.run.course
    listed = [
        Listed(
            name=row.name,
            address=row.address,
            language=row.language or course.language,
            time_zone=course.institute.time_zone,
            occupation=row.occupation,
        )
        for row in rows
    ]
    return find_or_create_users(listed, institute=course.institute_id)


def _admit(batch: CompletionBatch, entries: list[CompletionEntry]) -> None:
    """Open the month unless it is open, admit these people, and save what changed for each of them."""
    run, undo_until, by = batch.run, batch.undo_until, batch.made_by or SYSTEM
    not_before = (
        undo_until + MAIL_MARGIN + MAIL_MARGIN_PER_ROW * batch.rows_total if undo_until is not None else None
    )
    users = [entry.user for entry in entries]
    month = Month.objects.filter(month_runs__run=run).select_related("space").first()
    before: dict[int, Membership] = {}
    if month is None:
        batch.opened_month = True
    else:
        current = Membership.objects.filter(space=month.space, user__in=users, dismissed_at=None)
        before = {membership.user_id: membership for membership in current}
        if batch.end_before is None and not batch.opened_month:
            batch.end_before = month.space.closes_at
    for entry in entries:
        membership = before.get(entry.user_id)
        entry.admitted = membership is None
        entry.awaiting_until = membership.awaiting_until if membership else None
    CompletionEntry.objects.bulk_create(entries)
    month = months.open_month(
        run=run, how=_opened_by(batch), by=by, not_before=not_before, trainer_by=batch.trainer_by
    )
    months.admit_completed(month=month, users=users, by=by, not_before=not_before)
    if run.completed_at is None:
        Run.objects.filter(pk=run.pk).update(completed_at=clock.now(), completed_by=batch.made_by)


def _opened_by(batch: CompletionBatch) -> str:
    if batch.source != CompletionBatch.Source.BUTTON:
        return Month.OpenedBy.IMPORT
    if batch.made_by and can_manage_run(batch.made_by, batch.run):
        return Month.OpenedBy.COORDINATOR
    return Month.OpenedBy.ROOM


@transaction.atomic
def discard(*, batch: CompletionBatch, by: User) -> None:
    """Delete a batch that was only previewed. Raises Refused if `by` may not complete the run."""
    require_may_complete(batch.run, by)
    CompletionBatch.objects.filter(pk=batch.pk, started_at=None).delete()
