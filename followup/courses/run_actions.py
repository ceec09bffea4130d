"""Course groups: who trains them, who is enrolled, and their materials.

Where the month is open already, its space follows at once: a new trainer comes in, one taken off goes.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from community.people import invitations
from community.people.actions import find_or_make
from community.spaces import actions as spaces
from community.spaces.models import Membership, Space
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.courses.permissions import can_hold_run, can_manage_run

if TYPE_CHECKING:
    from community.people.models import User


def space_of(run: Run) -> Space | None:
    """The space of the month this course group has, if it is open or was."""
    try:
        return run.month_run.month.space
    except ObjectDoesNotExist:
        return None


@transaction.atomic
def make_run(*, course: Course, by: "User", client_id: uuid.UUID | None = None, **fields: Any) -> Run:
    """A new course group. Sent a second time it gives the first."""
    require(can_hold_run(by, course), gettext("Only the institute's staff can set up a course group."))
    same = Run.objects.filter(course=course, client_id=client_id, client_id__isnull=False)
    if (first := same.first()) is not None:
        return first
    try:
        with transaction.atomic():
            return Run.objects.create(course=course, client_id=client_id, **fields)
    except IntegrityError:
        # The same form was sent twice at once, and the other one came first; or it is no group at all.
        if (first := same.first()) is not None:
            return first
        raise


@transaction.atomic
def edit_run(*, run: Run, by: "User", **fields: Any) -> Run:
    """Change its dates, place or name. A month that is open keeps its end."""
    _only_its_staff(by, run)
    for name, value in fields.items():
        setattr(run, name, value)
    run.save(update_fields=list(fields))
    return run


@transaction.atomic
def add_trainer(*, run: Run, by: "User", name: str, address: str) -> tuple[RunTrainer, bool]:
    """Give the group a trainer; who is new here gets an invitation. Again changes nothing."""
    _only_its_staff(by, run)
    user, _made = _person(run, name, address)
    trainer, added = RunTrainer.objects.get_or_create(run=run, user=user)
    _let_train(run, user, by)
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
    """Take a trainer off the group, and out of its space."""
    run = trainer.run
    _only_its_staff(by, run)
    space, user = space_of(run), trainer.user
    trainer.delete()
    if space and not RunTrainer.objects.filter(user=user, run__month_run__month__space=space).exists():
        spaces.dismiss(space=space, user=user, by=by)


@transaction.atomic
def put_back_trainer(*, run: Run, user: "User", by: "User") -> None:
    """Undo a removal."""
    _only_its_staff(by, run)
    RunTrainer.objects.get_or_create(run=run, user=user)
    _let_train(run, user, by)


def _let_train(run: Run, user: "User", by: "User") -> None:
    if space := space_of(run):
        spaces.admit(space=space, user=user, role=Membership.Role.TRAINER, by=by)


def lock_enrolments(run: Run) -> None:
    """Lock the run, as everybody does who adds enrolments to it, until the end of the transaction."""
    Run.objects.select_for_update(of=("self",)).get(pk=run.pk)


@dataclass
class Enrolled:
    """What became of a list of people to enrol."""

    added: list[Enrolment] = field(default_factory=list)
    already: list[Enrolment] = field(default_factory=list)


@transaction.atomic
def enrol(*, run: Run, by: "User", people: Iterable[tuple[str, str]]) -> Enrolled:
    """Enrol people by name and address. They hear of it when the month opens. Again changes nothing."""
    _only_its_staff(by, run)
    lock_enrolments(run)
    result = Enrolled()
    for name, address in people:
        user, _made = _person(run, name, address)
        enrolment, added = Enrolment.objects.get_or_create(run=run, user=user)
        (result.added if added else result.already).append(enrolment)
    return result


@transaction.atomic
def unenrol(*, enrolment: Enrolment, by: "User") -> None:
    """Take somebody off the group. Who completed it stays: a completion is undone where it was recorded."""
    _only_its_staff(by, enrolment.run)
    if enrolment.completed_at:
        raise Refused(gettext("Who completed the course stays in its group."))
    space, user = space_of(enrolment.run), enrolment.user
    enrolment.delete()
    if space is None or Enrolment.objects.filter(user=user, run__month_run__month__space=space).exists():
        return
    if Membership.objects.filter(space=space, user=user, awaiting_until__isnull=False).exists():
        spaces.dismiss(space=space, user=user, by=by)


@transaction.atomic
def put_back_enrolment(*, run: Run, user: "User", by: "User") -> None:
    """Undo taking somebody off; who was awaiting confirmation in its space goes on doing so."""
    _only_its_staff(by, run)
    lock_enrolments(run)
    Enrolment.objects.get_or_create(run=run, user=user)
    waited = Membership.objects.filter(
        space=space_of(run), user=user, dismissed_at__isnull=False, awaiting_until__gt=clock.now()
    ).first()
    if waited:
        spaces.admit(
            space=waited.space, user=user, role=waited.role, by=by, awaiting_until=waited.awaiting_until
        )


def _person(run: Run, name: str, address: str) -> tuple["User", bool]:
    return find_or_make(
        name=name,
        address=address,
        language=run.course.language,
        time_zone=run.course.institute.time_zone,
    )


def _only_its_staff(user: "User", run: Run) -> None:
    require(can_manage_run(user, run), gettext("Only the institute's staff can change a course group."))
