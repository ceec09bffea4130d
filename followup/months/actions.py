"""Opening a month, admitting people, and moving its end.

Every change of a month first locks its row, so that concurrent changes run one after the other.
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused, System, recorded, require
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from community.spaces.queries import answerers_of, has_answerer
from followup.courses.models import Run
from followup.courses.permissions import can_complete
from followup.courses.roles import SpaceRole
from followup.months import dates, mails, news, prompts, reminders
from followup.months.contributors import contributors_in
from followup.months.models import Extension, Month, MonthRun
from followup.months.permissions import can_answer, can_extend
from followup.months.queries import trainers_of
from messaging.chat.history import has_messages
from messaging.chat.models import Room

if TYPE_CHECKING:
    from community.people.models import User

MAX_LENGTH_MONTHS = 36
"""A month can be extended to this many calendar months after its opening."""


@transaction.atomic
def open_month(
    *,
    run: Run,
    how: str,
    by: "User | System",
    into: Month | None = None,
    not_before: dt.datetime | None = None,
    trainer_by: dt.date | None = None,
) -> Month:
    """Open the month of a run, unless it is open already. Idempotent. Returns the month.

    People who completed the run become participants, its trainers trainers, and a coordinator who opens it
    a member. Opened by date, those who are enrolled but not completed are admitted as awaiting confirmation.
    `into` is another month of the same course that is to serve this run too. Mails leave at `not_before`, or
    at once. `trainer_by` is until when somebody will be on hand, if nobody is now. Whether it may open so is
    asked before (`require_somebody_on_hand`); one that opens by date opens anyway, and its coordinators are
    told.

    Raises Refused if `by` may not complete this run, or if `into` belongs to another course.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("course__institute").get(pk=run.pk)
    if not isinstance(by, System):
        require(
            can_complete(by, run),
            gettext("Only the coordinator or a trainer of this course group can open its follow-up."),
        )
    if (
        already := Month.objects.filter(month_runs__run=run)
        .select_related("course", "space__institute")
        .first()
    ):
        return already
    month = lock_month(into) if into else _create(run, how, by)
    if month.course_id != run.course_id:
        raise Refused(gettext("A space can serve several groups of the same course only."))
    MonthRun.objects.create(month=month, run=run)
    new = _admit_trainers(month, [one.user for one in run.trainers.select_related("user")], by, not_before)
    if trainer_by is not None and not has_answerer(month.space):
        _expect_trainer(month, trainer_by)
    if not isinstance(by, System) and _is_coordinator(by, run):
        spaces.admit(space=month.space, user=by, role=SpaceRole.COORDINATOR, by=by)
    completed = run.enrolments.filter(completed_at__isnull=False).select_related("user")
    admit_completed(month=month, users=[one.user for one in completed], by=by, not_before=not_before)
    if how == Month.OpenedBy.DATE:
        _admit_awaiting(
            month, [one.user for one in run.enrolments.filter(completed_at=None).select_related("user")]
        )
    news.notify_opened(month, new, by)
    return month


def require_somebody_on_hand(run: Run, trainer_by: dt.date | None, by: "User | System") -> None:
    """Raise Refused if the month of this run would open with nobody on hand and without a day, within the
    month, by which there will be somebody. The caller has locked the run."""
    if isinstance(by, System) or trainers_of(run).here:
        return
    today = clock.today(run.course.institute.time_zone)
    if trainer_by is None:
        raise Refused(
            gettext(
                "No one is available in this follow-up yet. Add a trainer, or say by when there will be one."
            )
        )
    if not today <= trainer_by <= dates.last_day(today, run.course.follow_up_months):
        raise Refused(
            gettext("Someone must be available before the follow-up is over. Choose an earlier day.")
        )


@transaction.atomic
def record_who_is_on_hand(*, month: Month) -> bool:
    """Record that nobody is on hand any more, and tell the coordinators and those whose private questions
    nobody reads; or that somebody is again. Returns whether it changed.

    Called for every way in which a trainer comes or goes: removed, suspended, erased, joined.
    """
    month = lock_month(month)
    alone = not has_answerer(month.space)
    if alone == (month.nobody_since is not None):
        return False
    if alone:
        month.nobody_since = clock.now()
        news.notify_nobody_on_hand(month)
    else:
        month.nobody_since = month.trainer_by = None
        news.withdraw_nobody_on_hand(month)
    month.save(update_fields=["nobody_since", "trainer_by"])
    return True


@transaction.atomic
def admit_completed(
    *, month: Month, users: "Iterable[User]", by: "User | System", not_before: dt.datetime | None = None
) -> "list[User]":
    """Admit people who completed a run of this month, and confirm those who were awaiting. Idempotent.

    Everybody gets a calendar month from the day they come in, so a late one moves the end for all and reopens
    a closed space. New members are notified once, and returned. Checks no permission: the caller did when
    it recorded the completion.
    """
    month = lock_month(month)
    users = sorted((user for user in users if user.erased_at is None), key=lambda user: user.pk)
    spaces.lock_members(space=month.space, users=users)
    here = _members_among(month, users)
    spaces.admit_all(space=month.space, users=users, role=SpaceRole.PARTICIPANT, by=by)
    if new := [user for user in users if user.pk not in here]:
        _move_end_for_newcomers(month)
        mails.post_opened(month, new, by, not_before)
        news.notify_opened(month, new, by)
    return new


@transaction.atomic
def undo_admissions(
    *, month: Month, users: "Iterable[User]", awaiting: "Iterable[tuple[User, dt.datetime]]" = ()
) -> None:
    """Undo `admit_completed` for these users: dismiss them, and withdraw unsent mails and unused invitations.

    Those in `awaiting` await confirmation again, until the given moment. What they wrote stays. An end that
    moved only because of them moves back. Checks no permission: the caller did when it undid the completion.
    """
    month = lock_month(month)
    moved_by_joining = _end_for_all(month) == month.space.last_day
    dismissed, waiting = list(users), list(awaiting)
    spaces.lock_members(space=month.space, users=[*dismissed, *(user for user, _until in waiting)])
    spaces.dismiss_all(space=month.space, users=dismissed, by=SYSTEM)
    for user, until in waiting:
        spaces.await_again(space=month.space, user=user, role=SpaceRole.PARTICIPANT, until=until)
    mails.withdraw_opened(month, dismissed)
    last_day = _end_for_all(month)
    if moved_by_joining and last_day < month.space.last_day:
        _set_last_day(month, last_day)


@transaction.atomic
def end_awaiting(*, month: Month) -> "list[User]":
    """Dismiss those who were not confirmed in time, and return them. What they wrote stays."""
    month = lock_month(month)
    over = Membership.objects.filter(
        space=month.space, dismissed_at=None, awaiting_until__lte=clock.now()
    ).select_related("user")
    people = [membership.user for membership in over.order_by("user")]
    spaces.dismiss_all(space=month.space, users=people, by=SYSTEM)
    return people


@transaction.atomic
def undo_opening(*, month: Month, by: "User | System") -> bool:
    """Delete a month that was opened by mistake, unless somebody has written in it. Returns whether it did.

    Raises Refused if `by` may complete none of its runs.
    """
    month = lock_month(month)
    if not isinstance(by, System):
        runs = month.month_runs.select_related("run__course__institute")
        opens = any(can_complete(by, one.run) for one in runs)
        require(opens, gettext("Only the coordinator or a trainer can undo the opening."))
    members = [one.user for one in month.space.memberships.select_related("user")]
    spaces.lock_members(space=month.space, users=members)
    # What somebody writes now waits for these, and is then refused; what was written before is seen.
    Room.objects.select_for_update().get(pk=month.space.room_id)
    space = Space.objects.select_for_update(of=("self",)).select_related("room").get(pk=month.space_id)
    if contributors_in(month) or has_messages(space.room):
        return False
    mails.withdraw_opened(month, members)
    space.delete()
    space.room.delete()
    return True


def end_after(month: Month, joining_on: dt.date) -> dt.date:
    """The last day of the month once somebody comes in on this day."""
    return dates.last_day_for_all(month.space.last_day, [joining_on])


@transaction.atomic
def extend(*, month: Month, last_day: dt.date, reason: str, stays: bool, by: "User") -> Extension:
    """Set a later last day, with a reason; this reopens a closed space. Members are notified. Idempotent.

    Whether the trainer stays on hand needs the trainer's own yes: the only trainer gives it by extending,
    otherwise the trainers are asked. What was said about the end there was before is withdrawn.

    Raises Refused if `by` is neither trainer nor coordinator, or if the day or the reason is not acceptable.
    Returns the extension.
    """
    month = lock_month(month)
    require(can_extend(by, month), gettext("Only the coordinator or a trainer can extend the follow-up."))
    newest = month.extensions.last()
    if newest and (newest.last_day, newest.reason, newest.extended_by_id) == (last_day, reason, by.pk):
        return newest
    if last_day <= month.space.last_day or last_day < clock.today(zone_of(month)):
        raise Refused(gettext("The new last day must be later than the current one."))
    if last_day > dates.add_months(month.opened_on, MAX_LENGTH_MONTHS):
        raise Refused(gettext("A follow-up can last at most three years."))
    require(
        bool(reason.strip()), gettext("Please say why you’re extending it, so that everyone understands.")
    )
    previous = month.space.closes_at
    assert previous is not None, "a month has an end"
    trainers = answerers_of(month.space).here
    own_yes = stays and trainers == [by]
    members = _members(month)
    news.withdraw_end(month, members)
    mails.withdraw_end(month)
    extension = Extension.objects.create(
        month=month,
        previous_closes_at=previous,
        last_day=last_day,
        reason=reason.strip(),
        on_hand=_on_hand(stays and bool(trainers), own_yes),
        answered_at=clock.now() if own_yes else None,
        answered_by=by if own_yes else None,
        extended_by=by,
    )
    _set_last_day(month, last_day)
    asked = (
        [trainer for trainer in trainers if trainer != by]
        if extension.on_hand == Extension.OnHand.ASKED
        else []
    )
    mails.post_question_to_trainers(extension, asked)
    mails.post_extended(extension, [user for user in members if user not in [by, *asked]])
    news.notify_extended(extension, members)
    return extension


@transaction.atomic
def answer_extension(*, extension: Extension, stays: bool, by: "User") -> Extension:
    """Record whether the trainer stays on hand until the later end; they may change their mind later. One who
    does not stay takes nothing back that another has promised, by an answer or by extending.

    Raises Refused for everybody but a trainer who was asked. Returns the extension.
    """
    extension = (
        Extension.objects.select_for_update(of=("self",)).select_related("month__space").get(pk=extension.pk)
    )
    require(can_answer(by, extension), gettext("Only a trainer who was asked can answer yes or no."))
    answer = Extension.OnHand.YES if stays else Extension.OnHand.NO
    if not stays and (other := _stays_already(extension, by)):
        answer, by = Extension.OnHand.YES, other
    if extension.on_hand != answer or extension.answered_by_id != by.pk:
        extension.on_hand, extension.answered_by, extension.answered_at = answer, by, clock.now()
        extension.save(update_fields=["on_hand", "answered_by", "answered_at"])
    return extension


def _stays_already(extension: Extension, by: "User") -> "User | None":
    """Another trainer who has promised to stay."""
    if extension.on_hand == Extension.OnHand.YES:
        promised = extension.answered_by
    elif extension.on_hand == Extension.OnHand.ASKED:
        promised = extension.extended_by
    else:
        return None
    on_hand = answerers_of(extension.month.space).here
    return promised if promised is not None and promised != by and promised in on_hand else None


def zone_of(month: Month) -> str:
    """The time zone that decides the month's days: the institute's at the time of opening."""
    return month.space.time_zone


def lock_month(month: Month) -> Month:
    """The month as it is now, locked until the end of the transaction.

    Its space is read after the lock: while we waited, another transaction may have moved the end.
    """
    locked = Month.objects.select_for_update(of=("self",)).get(pk=month.pk)
    locked.space = Space.objects.select_related("institute", "room").get(pk=locked.space_id)
    return locked


def _create(run: Run, how: str, by: "User | System") -> Month:
    course, zone = run.course, run.course.institute.time_zone
    opened_on = clock.today(zone)
    last_day = dates.last_day(opened_on, course.follow_up_months)
    space = spaces.open_space(
        kind=Month.SPACE_KIND,
        institute=course.institute,
        title=course.title,
        language=course.language,
        closes_at=dates.closes_at(last_day, zone),
        time_zone=zone,
    )
    month = Month.objects.create(
        space=space, course=course, opened_on=opened_on, opened_by=how, opener=recorded(by)
    )
    reminders.schedule_prompts(month, prompts.create_prompts(month, last_day))
    reminders.schedule_end(month)
    return month


def _members_among(month: Month, users: "list[User]") -> set[int]:
    """Those of these users who are members, confirmed or awaiting. One whose fourteen days are over counts as
    new."""
    spaces.expire(space=month.space, users=users)
    current = Membership.objects.filter(space=month.space, user__in=users, dismissed_at=None)
    return set(current.values_list("user_id", flat=True))


def _is_coordinator(by: "User", run: Run) -> bool:
    return by.staff_roles.filter(institute=run.course.institute, role="coordinator").exists()


def _admit_trainers(
    month: Month, users: "Iterable[User]", by: "User | System", not_before: dt.datetime | None
) -> "list[User]":
    """Admit trainers. Returns those of whom that changed something."""
    admitted = spaces.admit_all(space=month.space, users=users, role=SpaceRole.TRAINER, by=by)
    new = [membership.user for membership, changed in admitted if changed]
    mails.post_opened(month, [user for user in new if user != by], by, not_before, trains=True)
    return new


def _expect_trainer(month: Month, day: dt.date) -> None:
    month.trainer_by, month.nobody_since = day, clock.now()
    month.save(update_fields=["trainer_by", "nobody_since"])
    reminders.schedule_trainer(month, day)


def _admit_awaiting(month: Month, users: "list[User]") -> None:
    if not users:
        return
    until = reminders.schedule_confirmation(month)
    admitted = spaces.admit_all(
        space=month.space, users=users, role=SpaceRole.PARTICIPANT, by=SYSTEM, awaiting_until=until
    )
    if new := [membership.user for membership, changed in admitted if changed]:
        _move_end_for_newcomers(month)
        mails.post_opened(month, new, SYSTEM, None)
        news.notify_opened(month, new, SYSTEM)


def _move_end_for_newcomers(month: Month) -> None:
    last_day = end_after(month, clock.today(zone_of(month)))
    if last_day > month.space.last_day:
        _set_last_day(month, last_day)


def _set_last_day(month: Month, last_day: dt.date) -> None:
    spaces.move_end(space=month.space, closes_at=dates.closes_at(last_day, zone_of(month)))
    reminders.schedule_end(month)


def _end_for_all(month: Month) -> dt.date:
    zone = zone_of(month)
    first_end = dates.last_day(month.opened_on, month.course.follow_up_months)
    extended = month.extensions.values_list("last_day", flat=True)
    current = Membership.objects.filter(space=month.space, role=SpaceRole.PARTICIPANT, dismissed_at=None)
    joined_on = {dates.day_in(moment, zone) for moment in current.values_list("admitted_at", flat=True)}
    return dates.last_day_for_all(max([first_end, *extended]), joined_on)


def _on_hand(stays: bool, own_yes: bool) -> str:
    if not stays:
        return Extension.OnHand.NO
    return Extension.OnHand.YES if own_yes else Extension.OnHand.ASKED


def _members(month: Month) -> "list[User]":
    current = Membership.objects.current().filter(space=month.space).select_related("user")
    return [one.user for one in current if one.user.joined_at]
