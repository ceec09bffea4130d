"""What Today shows to trainers, over all their months."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, QuerySet

from common.privacy import SMALLEST_GROUP_SHOWN
from common.statements import statement
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space
from followup.courses.roles import SpaceRole
from followup.desk.today_queries import TO_TRAINERS, Question
from followup.months.models import Extension, Month

if TYPE_CHECKING:
    from community.people.models import User
    from followup.desk.member_spaces import MemberSpace

QUESTIONS_SHOWN = 12
"""Questions that Today lists; each space has the rest."""
MONTHS_SHOWN = 8
"""Months of each kind that Today lists."""


class AskedExtension(NamedTuple):
    """An extension of a month that asks whether its trainer stays on hand."""

    month: int
    space_title: str
    last_day: dt.date
    by: str | None
    reason: str


class NotYet(NamedTuple):
    """How many participants of a month have not come in yet."""

    space: int
    title: str
    number: int

    @property
    def figure(self) -> int | None:
        """None if they are too few to be shown."""
        return self.number if self.number >= SMALLEST_GROUP_SHOWN else None


def _trained(user: "User") -> QuerySet[Space]:
    """The spaces of the open months in which the user answers questions."""
    answering = Membership.objects.current().with_right(Right.ANSWER).filter(user=user)
    return Space.objects.open().filter(kind=Month.SPACE_KIND, pk__in=answering.values("space"))


@statement(AskedExtension)
def asked_extensions(user: "User") -> QuerySet[Any, Any]:
    """Extensions by others that ask whether the user stays on hand."""
    asked = Extension.objects.filter(
        month__space__in=_trained(user), on_hand=Extension.OnHand.ASKED, answered_at=None
    ).exclude(extended_by=user)
    shown = asked.order_by("last_day", "pk")
    return shown.values_list("month", "month__space__title", "last_day", "extended_by__name", "reason")[
        :MONTHS_SHOWN
    ]


@statement(NotYet)
def who_is_not_here_yet(user: "User") -> QuerySet[Any, Any]:
    """The user's months in which participants have not come in yet, first the one that ends first."""
    not_arrived = Membership.objects.current().filter(
        space__in=_trained(user), role=SpaceRole.PARTICIPANT, came_in_at=None
    )
    counted = not_arrived.values("space", "space__title", "space__closes_at").annotate(count=Count("pk"))
    return counted.order_by("space__closes_at", "space").values_list("space", "space__title", "count")[
        :MONTHS_SHOWN
    ]


class Training:
    """The part of Today for trainers; the number of queries does not grow with months."""

    def __init__(
        self,
        user: "User",
        nearest: Sequence["MemberSpace"],
        questions: Sequence[Question],
        *,
        may_train: bool,
    ) -> None:
        self.user = user
        self.nearest = nearest
        """The open months that the user trains, of those counted for a page."""
        self.may_train = may_train
        """False if the user trains no open month."""
        self.questions = [question for question in questions if question.sort == TO_TRAINERS]
        """Questions that wait for a reply of a trainer, oldest first: those shown, and one if there are
        more."""

    @property
    def shown_questions(self) -> list[Question]:
        return self.questions[:QUESTIONS_SHOWN]

    @property
    def more_questions(self) -> bool:
        """Whether more wait than are listed."""
        return len(self.questions) > QUESTIONS_SHOWN

    @cached_property
    def extensions(self) -> list[AskedExtension]:
        """Extensions that ask whether the trainer stays on hand."""
        return asked_extensions(self.user) if self.may_train else []

    @cached_property
    def not_yet(self) -> list[NotYet]:
        """Months in which participants have not come in yet; the page of people has names."""
        return who_is_not_here_yet(self.user) if self.may_train else []

    @property
    def waits(self) -> bool:
        """Whether anything waits for the trainer."""
        return bool(self.questions or self.extensions)
