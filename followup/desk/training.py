"""What Today shows to trainers, over all their months."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from common.privacy import SMALLEST_GROUP_SHOWN
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread
from followup.courses.roles import SpaceRole
from followup.desk.run_queries import trained_spaces
from followup.months.models import Extension

if TYPE_CHECKING:
    from community.people.models import User
    from followup.desk.member_spaces import MemberSpace

QUESTIONS_SHOWN = 12
"""Questions that Today lists; each space has the rest."""
MONTHS_SHOWN = 8
"""Months of each kind that Today lists."""


@dataclass(frozen=True)
class NotYet:
    """How many participants have not come in yet; `count` is None if they are too few to be shown."""

    space: Space
    count: int | None


class Training:
    """The part of Today for trainers; the number of queries does not grow with months."""

    def __init__(self, user: "User", spaces: Sequence["MemberSpace"]) -> None:
        self.user = user
        self.nearest = [
            member_space for member_space in spaces if member_space.trains and member_space.is_open
        ]
        self.open = {pk: space for pk, space in trained_spaces(user).items() if space.is_open}

    @cached_property
    def questions(self) -> list[Thread]:
        """Questions that wait for a reply of a trainer, oldest first.

        One to which a trainer replied last waits for its author, not for a trainer.
        """
        if not self.open:
            return []
        waiting = (
            Thread.objects.visible_to(self.user)
            .unanswered()
            .filter(space__in=self.open)
            .exclude(author=self.user)
            .annotate(
                by_trainer=Coalesce(_newest(by_trainer=True), 0),
                by_asker=Coalesce(_newest(by_trainer=False), 0),
            )
            .filter(Q(by_trainer=0) | Q(by_asker__gt=F("by_trainer")))
        )
        return list(
            waiting.select_related("author", "space").order_by("created_at", "pk")[: QUESTIONS_SHOWN + 1]
        )

    @property
    def shown_questions(self) -> list[Thread]:
        return self.questions[:QUESTIONS_SHOWN]

    @property
    def more_questions(self) -> bool:
        """Whether more wait than are listed."""
        return len(self.questions) > QUESTIONS_SHOWN

    @cached_property
    def extensions(self) -> list[Extension]:
        """Extensions that ask whether the trainer stays on hand."""
        if not self.open:
            return []
        asked = Extension.objects.filter(
            month__space__in=self.open, on_hand=Extension.OnHand.ASKED, answered_at=None
        ).exclude(extended_by=self.user)
        asked = asked.select_related("month__space", "extended_by").order_by("last_day", "pk")
        return list(asked[:MONTHS_SHOWN])

    @cached_property
    def not_yet(self) -> list[NotYet]:
        """Months in which participants have not come in yet, and how many, first the one that ends first;
        the page of people has names."""
        if not self.open:
            return []
        not_arrived = (
            Membership.objects.current()
            .filter(space__in=self.open, role=SpaceRole.PARTICIPANT, came_in_at=None)
            .order_by("space__closes_at", "space")
            .values_list("space", "space__closes_at")
            .annotate(count=Count("pk"))
        )
        return [
            NotYet(self.open[space], count if count >= SMALLEST_GROUP_SHOWN else None)
            for space, _closes_at, count in not_arrived[:MONTHS_SHOWN]
        ]

    @property
    def waits(self) -> bool:
        """Whether anything waits for the trainer."""
        return bool(self.questions or self.extensions)


def _newest(*, by_trainer: bool) -> Subquery:
    """The number of the newest reply by a trainer of the space, or by the author of the question."""
    replies = Reply.objects.published().filter(thread=OuterRef("pk"))
    if by_trainer:
        trainers = Membership.objects.filter(
            space=OuterRef("thread__space"), role=SpaceRole.TRAINER, dismissed_at=None
        )
        replies = replies.filter(author__in=trainers.values("user"))
    else:
        replies = replies.filter(author=OuterRef("author"))
    return Subquery(replies.order_by("-number").values("number")[:1])
