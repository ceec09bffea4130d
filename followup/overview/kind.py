"""Registers the kind of a month's space: its roles and their rights, its overseers, its sentences."""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.institutes.models import Staff
from community.rooms import extensions
from community.spaces import kinds, lookup
from community.spaces.kinds import Right
from community.spaces.models import Space
from followup.courses.models import Enrolment, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.months.models import Month
from followup.overview import header
from followup.overview.queries import add_shown, take_shown

if TYPE_CHECKING:
    from community.people.models import User

MEMBER_RIGHTS = frozenset({Right.SEE, Right.WRITE, Right.CONTRIBUTE})
ORDER_KEEPING_RIGHTS = MEMBER_RIGHTS | {Right.KEEP_ORDER, Right.MANAGE, Right.SEE_AWAITING}
COORDINATOR_RIGHTS = ORDER_KEEPING_RIGHTS | {Right.CHOOSE_MEMBERS}

ROLES = (
    kinds.Role(
        name=SpaceRole.TRAINER.value,
        label=SpaceRole.TRAINER.label,
        heading=_("Available to answer"),
        closed_heading=_("Trainers"),
        rights=ORDER_KEEPING_RIGHTS | {Right.ANSWER, Right.SEE_ARRIVAL},
        badge="answers",
        # Stands before the coordinator's: who oversees the space keeps the rights of that beside it.
        rank=2,
    ),
    kinds.Role(
        name=SpaceRole.PARTICIPANT.value,
        label=SpaceRole.PARTICIPANT.label,
        heading=_("Participants"),
        rights=MEMBER_RIGHTS,
    ),
    kinds.Role(
        name=SpaceRole.COORDINATOR.value,
        label=SpaceRole.COORDINATOR.label,
        heading=_("From the institute"),
        rights=COORDINATOR_RIGHTS,
        badge="staff",
        rank=1,
        comes_with=Staff.Role.COORDINATOR.value,
    ),
)
OVERSEERS = kinds.StaffOversees(
    {
        Staff.Role.COORDINATOR.value: COORDINATOR_RIGHTS,
        Staff.Role.EVALUATOR.value: frozenset({Right.SEE, Right.SEE_AWAITING}),
    }
)
SENTENCES = kinds.Sentences(
    nobody_here=_("People appear here once their completion of the course is recorded."),
    only_choosers_see=_("Only coordinators can see this. What these people wrote stays."),
    may_not_choose=_("Only the institute’s coordinators decide who is in this space."),
    join_room=_(
        "The chat is for people in this space. You can join them as a coordinator of the "
        "institute; everyone will then see you in the list of people."
    ),
    no_question_yet=_(
        "What works on the course doesn’t always work in class. Ask everyone here, or only the trainer."
    ),
    for_answerers=_("only for the trainer"),
    only_answerers=_("Only the trainer"),
    nobody_answers=_("No trainer is available at the moment, so no one would read it. Ask everyone here."),
    last_answerer=_(
        "%(name)s is the only trainer available in this open follow-up. Add another one to the "
        "course group first."
    ),
)


def remaining_role(space: Space, user: "User") -> str | None:
    """The role in which a user stays a member after leaving the institute's staff, if any.

    Trainers of the month's course groups and people who completed one stay.
    """
    runs = Run.objects.filter(month_run__month__space=space)
    if RunTrainer.objects.filter(user=user, run__in=runs).exists():
        return SpaceRole.TRAINER
    if Enrolment.objects.filter(user=user, run__in=runs, completed_at__isnull=False).exists():
        return SpaceRole.PARTICIPANT
    return None


def people_path(space: Space) -> str:
    """Where the pages of its people are: the URL of one without the id."""
    return reverse("month_person", args=[space.month.pk, 0]).removesuffix("0/")


def register() -> None:
    """Register the kind of space that months have, the button of the trainers in its room, and what its
    header needs to be loaded with a space."""
    extensions.register_links(header.room_links)
    lookup.beside.register(add_shown, take_shown)
    kinds.register(
        kinds.SpaceKind(
            name=Month.SPACE_KIND,
            roles=ROLES,
            overseers=OVERSEERS,
            ends=True,
            needs_answerer=True,
            header="overview/_header.html",
            opening="overview/_opening.html",
            side="overview/_side.html",
            header_context=header.context,
            tabs=header.tabs,
            hour=header.room_hour,
            sentences=SENTENCES,
            people_path=people_path,
            remaining_role=remaining_role,
        )
    )
