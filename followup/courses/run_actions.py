"""Course groups: creating and changing them, their trainers and their enrolments.

If the month is open already, trainers are admitted to its space or dismissed from it in the same transaction.
Every action locks the row of the group first, as opening its month does, and then reads what it decides on:
what the view loaded may be older than the month, or than a completion.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from common.database import get_or_create_all
from community.people import belonging, invitations
from community.people.actions import Listed, find_or_create_users
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.courses.permissions import can_create_run, can_manage_run
from followup.courses.roles import SpaceRole

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register with which institutes trainers and the enrolled have to do, and what becomes of the enrolments
    of an invited person whose account is another."""
    for model in (RunTrainer, Enrolment):
        belonging.register(partial(_institutes_of, model))
    belonging.register_mover("followup.Enrolment", _move_enrolments)


def _institutes_of(
    model: type[RunTrainer] | type[Enrolment], users: Iterable[int]
) -> Iterable[tuple[int, int]]:
    return model.objects.filter(user__in=users).values_list("user", "run__course__institute")


def _move_enrolments(invited: "User", account: "User") -> None:
    """Where the account is enrolled already, a completion is kept, whoever it was recorded for."""
    enrolled = {each.run_id: each for each in Enrolment.objects.filter(user=account)}
    for each in Enrolment.objects.filter(user=invited).order_by("pk"):
        own = enrolled.get(each.run_id)
        if own is None:
            Enrolment.objects.filter(pk=each.pk).update(user=account)
        elif own.completed_at is None:
            completed = ("completed_on", "completed_at", "completed_by_id", "batch_id")
            Enrolment.objects.filter(pk=own.pk).update(**{name: getattr(each, name) for name in completed})


def space_of(run: Run) -> Space | None:
    """The space of the run's month, or None if no month was opened."""
    try:
        return run.month_run.month.space
    except ObjectDoesNotExist:
        return None


@transaction.atomic
def create_run(*, course: Course, by: "User", client_id: uuid.UUID | None = None, **fields: Any) -> Run:
    """Create a course group. Idempotent for a `client_id`.

    Raises Refused for everybody but the institute's staff. Returns the run.
    """
    require(can_create_run(by, course), gettext("Only the institute’s staff can set up a course group."))
    submitted = Run.objects.filter(course=course, client_id=client_id, client_id__isnull=False)
    if (first := submitted.first()) is not None:
        return first
    try:
        with transaction.atomic():
            return Run.objects.create(course=course, client_id=client_id, **fields)
    except IntegrityError:
        # The same form was submitted concurrently; or the values violate another constraint.
        if (first := submitted.first()) is not None:
            return first
        raise


@transaction.atomic
def edit_run(*, run: Run, by: "User", **fields: Any) -> Run:
    """Change dates, place or name. An open month keeps its end.

    Raises Refused for everybody but the institute's staff. Returns the run.
    """
    run = lock_run(run)
    _require_staff(by, run)
    for name, value in fields.items():
        setattr(run, name, value)
    run.save(update_fields=list(fields))
    return run


@transaction.atomic
def add_trainer(*, run: Run, by: "User", name: str, address: str) -> tuple[RunTrainer, bool]:
    """Add a trainer; a user who has not joined yet gets an invitation. Idempotent.

    Raises Refused for everybody but the institute's staff. Returns the trainer, and whether they are new.
    """
    run = lock_run(run)
    _require_staff(by, run)
    [(user, _created)] = find_or_create_users(
        [_listed(run, name, address)], institute=run.course.institute_id
    )
    trainer, added = RunTrainer.objects.get_or_create(run=run, user=user)
    _admit_trainer(run, user, by)
    if user.joined_at is None:
        invitations.invite(
            user=user,
            address=address,
            occasion=run.course.title,
            next_path=reverse("run", kwargs={"pk": run.pk}),
            by=by,
        )
    return trainer, added


@transaction.atomic
def remove_trainer(*, trainer: RunTrainer, by: "User") -> None:
    """Remove a trainer from the group and from its space, where who also completed the course stays as a
    participant. Idempotent.

    Raises Refused for all but the staff, and while they are the only one on hand in an open month.
    """
    run = lock_run(trainer.run)
    _require_staff(by, run)
    space, user = space_of(run), trainer.user
    RunTrainer.objects.filter(run=run, user=user).delete()
    if space and not RunTrainer.objects.filter(user=user, run__month_run__month__space=space).exists():
        spaces.require_another_answerer(space=space, user=user)
        spaces.end_role(space=space, user=user, role=SpaceRole.TRAINER, by=by)


@transaction.atomic
def restore_trainer(*, run: Run, user: "User", by: "User") -> None:
    """Undo the removal of a trainer. Raises Refused for everybody but the institute's staff."""
    run = lock_run(run)
    _require_staff(by, run)
    RunTrainer.objects.get_or_create(run=run, user=user)
    _admit_trainer(run, user, by)


def _admit_trainer(run: Run, user: "User", by: "User") -> None:
    if space := space_of(run):
        spaces.admit(space=space, user=user, role=SpaceRole.TRAINER, by=by)


def lock_run(run: Run) -> Run:
    """The group as it is now, locked until the end of the transaction; its month is read again when asked
    for."""
    return Run.objects.select_for_update(of=("self",)).select_related("course__institute").get(pk=run.pk)


@dataclass
class Enrolled:
    """The enrolments of a list of people: new ones and existing ones."""

    added: list[Enrolment] = field(default_factory=list)
    already: list[Enrolment] = field(default_factory=list)


@transaction.atomic
def enrol(*, run: Run, by: "User", people: Iterable[tuple[str, str]]) -> Enrolled:
    """Enrol people by name and address. They are notified when the month opens. Idempotent.

    Raises Refused for everybody but the institute's staff. Returns new and existing enrolments.
    """
    run = lock_run(run)
    _require_staff(by, run)
    listed = [_listed(run, name, address) for name, address in people]
    found = find_or_create_users(listed, institute=run.course.institute_id)
    users = {user.pk: user for user, _is_new in found}
    existing = Enrolment.objects.filter(run=run, user__in=users).order_by("pk")
    enrolments, created = get_or_create_all(
        users,
        lambda: {enrolment.user_id: enrolment for enrolment in existing.all()},
        lambda pk: Enrolment(run=run, user=users[pk]),
    )
    result = Enrolled()
    for user, _is_new in found:
        # Who is listed twice is new and then there already.
        (result.added if user.pk in created else result.already).append(enrolments[user.pk])
        created.discard(user.pk)
    return result


@transaction.atomic
def unenrol(*, enrolment: Enrolment, by: "User") -> None:
    """Remove an enrolment. Idempotent.

    Raises Refused if it is completed, and for everybody but the institute's staff.
    """
    run = lock_run(enrolment.run)
    _require_staff(by, run)
    current = Enrolment.objects.select_related("user").filter(pk=enrolment.pk).first()
    if current is None:
        return
    if current.completed_at:
        raise Refused(gettext("People who completed the course stay in its group."))
    space, user = space_of(run), current.user
    current.delete()
    if space is None or Enrolment.objects.filter(user=user, run__month_run__month__space=space).exists():
        return
    if Membership.objects.filter(space=space, user=user, awaiting_until__isnull=False).exists():
        spaces.dismiss(space=space, user=user, by=by)


@transaction.atomic
def restore_enrolment(*, run: Run, user: "User", by: "User") -> None:
    """Undo the removal of an enrolment; someone who was awaiting confirmation in the space is so again.

    Raises Refused for everybody but the institute's staff.
    """
    run = lock_run(run)
    _require_staff(by, run)
    Enrolment.objects.get_or_create(run=run, user=user)
    dismissed = Membership.objects.filter(
        space=space_of(run), user=user, dismissed_at__isnull=False, awaiting_until__gt=clock.now()
    ).first()
    if dismissed:
        spaces.admit(
            space=dismissed.space,
            user=user,
            role=dismissed.role,
            by=by,
            awaiting_until=dismissed.awaiting_until,
        )


def _listed(run: Run, name: str, address: str) -> Listed:
    course = run.course
    return Listed(name, address, language=course.language, time_zone=course.institute.time_zone)


def _require_staff(user: "User", run: Run) -> None:
    require(can_manage_run(user, run), gettext("Only the institute’s staff can change a course group."))
