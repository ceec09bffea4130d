"""What the space of a month registers with spaces: its roles and their rights, who oversees it, its words."""

from django.utils.translation import gettext_lazy as _

from community.institutes.models import Staff
from community.spaces import kinds
from community.spaces.kinds import Right
from followup.courses.roles import SpaceRole
from followup.months.models import Month
from followup.overview import header

MEMBER = frozenset({Right.SEE, Right.WRITE, Right.CONTRIBUTE})
KEEPER = MEMBER | {Right.KEEP_ORDER, Right.MANAGE, Right.SEE_AWAITING}
COORDINATOR = KEEPER | {Right.CHOOSE_MEMBERS}

ROLES = (
    kinds.Role(
        name=SpaceRole.TRAINER.value,
        label=SpaceRole.TRAINER.label,
        heading=_("On hand"),
        rights=KEEPER | {Right.ANSWER, Right.SEE_ARRIVAL},
        badge="answers",
    ),
    kinds.Role(
        name=SpaceRole.PARTICIPANT.value,
        label=SpaceRole.PARTICIPANT.label,
        heading=_("Participants"),
        rights=MEMBER,
    ),
    kinds.Role(
        name=SpaceRole.COORDINATOR.value,
        label=SpaceRole.COORDINATOR.label,
        heading=_("From the institute"),
        rights=COORDINATOR,
        badge="staff",
        comes_with=Staff.Role.COORDINATOR.value,
    ),
)
OVERSEERS = kinds.StaffOversees(
    {
        Staff.Role.COORDINATOR.value: COORDINATOR,
        Staff.Role.EVALUATOR.value: frozenset({Right.SEE, Right.SEE_AWAITING}),
    }
)
SENTENCES = kinds.Sentences(
    nobody_here=_("People come in when their completion of the course is recorded."),
    only_choosers_see=_("Only coordinators see this. What these people wrote stays."),
    may_not_choose=_("Only the institute's coordinators decide who is in this space."),
    join_room=_(
        "The room is for those who are in this space. You can join them as a coordinator of the institute;"
        " everybody then sees you among the people here."
    ),
    no_question_yet=_(
        "What works in the course room does not always work in class. Ask everyone here, or the"
        " trainer alone."
    ),
    for_answerers=_("only for the trainer"),
    only_answerers=_("Only the trainer"),
)


def register() -> None:
    """Own the spaces of months."""
    kinds.register(
        kinds.SpaceKind(
            name=Month.SPACE_KIND,
            roles=ROLES,
            overseers=OVERSEERS,
            ends=True,
            header="overview/_header.html",
            header_context=header.context,
            tabs=header.tabs,
            hour=header.room_hour,
            sentences=SENTENCES,
        )
    )
