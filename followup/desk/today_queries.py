"""The rows of Today: each sort of them by one statement, however many months the reader is in."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, RowNumber

from common import clock
from common.names import initials
from common.statements import statement
from community.people.models import Draft
from community.practices.models import Practice
from community.practices.queries import unread as unread_practices
from community.reports.models import Report
from community.spaces.kinds import kind_named
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread
from community.threads.queries import having_news
from followup.courses.roles import SpaceRole
from followup.live_hours.models import LiveHour
from followup.months.models import Month, MonthPrompt
from followup.steps.models import StepTold
from followup.steps.sources import takings

if TYPE_CHECKING:
    from community.people.models import User

NEWEST_PER_SPACE = 3
"""New posts of each kind that are listed per space."""
QUESTIONS_OF_A_SORT = 13
"""Questions of each sort that are read: those shown, and one more to know whether there are more."""
HOURS_SHOWN = 8
LIVE_HOURS_SHOWN_FOR = dt.timedelta(days=7)
"""How far ahead live hours are shown; the month's timeline shows the others."""

OWN, TO_TRAINERS, OF_OTHERS = "own", "to trainers", "of others"
"""Sorts of questions: the reader's own that have replies, those that wait for a trainer, those of others."""


class Question(NamedTuple):
    """A question without an accepted answer; `at` is its newest post if it is the reader's own."""

    sort: str
    pk: int
    title: str
    language: str
    at: dt.datetime
    by: str
    space: int
    space_title: str
    audience: str

    @property
    def shown_by(self) -> str:
        """Who asked; not said of the reader's own."""
        return "" if self.sort == OWN else self.by

    @property
    def initials(self) -> str:
        return initials(self.by)

    @property
    def to_whom(self) -> str:
        """The words for a question that only those who answer may read; empty for the others."""
        if self.audience == Thread.Audience.EVERYONE:
            return ""
        return str(kind_named(Month.SPACE_KIND).sentences.for_answerers)


@statement(int)
def reports_to_decide(user: "User", *, moderates: bool) -> QuerySet[Any, Any]:
    """The open reports that wait for this user among others."""
    return Report.objects.decidable(user, moderates=moderates).open().values_list("pk")


@statement(Question)
def questions_for(user: "User", trained: list[int], taking_part: list[int]) -> QuerySet[Any, Any]:
    """Questions of which something waits for the user, a few of each sort: their own in open spaces; in the
    spaces of `trained` those that wait for a trainer, the longest waiting first; in those of `taking_part`
    those of others to which the user has not replied, the newest first.

    One to which a trainer replied last waits for its author, not for a trainer.
    """
    replies = Reply.objects.published().filter(thread=OuterRef("pk"))
    own = Q(author=user, space__in=Space.objects.of_member(user).open()) & Q(
        Exists(replies.exclude(author=user))
    )
    to_trainers = Q(space__among=trained, answered_last=False) & ~Q(author=user)
    of_others = Q(space__among=taking_part) & ~Q(author=user) & ~Q(Exists(replies.filter(author=user)))
    unanswered = Thread.objects.visible_to(user).unanswered().alias(answered_last=_trainer_answered_last())
    waiting: QuerySet[Any] = unanswered.filter(own | to_trainers | of_others).annotate(
        sort=Case(
            When(author=user, then=Value(OWN)),
            When(space__among=trained, then=Value(TO_TRAINERS)),
            default=Value(OF_OTHERS),
            output_field=CharField(),
        ),
        at=Case(When(author=user, then=F("last_post_at")), default=F("created_at")),
    )
    oldest_first = [Case(When(sort=TO_TRAINERS, then=F(field))) for field in ("at", "pk")]
    order = [*oldest_first, F("at").desc(), F("pk").desc()]
    ranked = waiting.annotate(rank=Window(RowNumber(), partition_by=F("sort"), order_by=order))
    return (
        ranked.filter(rank__lte=QUESTIONS_OF_A_SORT)
        .order_by("sort", "rank")
        .values_list(
            "sort", "pk", "title", "language", "at", "author__name", "space", "space__title", "audience"
        )
    )


def _trainer_answered_last() -> Coalesce:
    """Whether a trainer has replied to a question and its author has not replied after that.

    The newest reply of either, found by the index: as `Exists`, PostgreSQL may read the replies of all
    trainers for it.
    """
    trainers = Membership.objects.filter(
        space=OuterRef("thread__space"), user=OuterRef("author"), role=SpaceRole.TRAINER, dismissed_at=None
    )
    replies = Reply.objects.published().filter(thread=OuterRef("pk")).annotate(by_trainer=Exists(trainers))
    theirs = replies.filter(Q(by_trainer=True) | Q(author=OuterRef("author"))).order_by("-number")
    return Coalesce(Subquery(theirs.values("by_trainer")[:1]), False)


class Hour(NamedTuple):
    """A live hour that is going on or ahead."""

    pk: int
    space: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def is_live(self) -> bool:
        return self.starts_at <= clock.now()


@statement(Hour)
def hours_of(spaces: list[int]) -> QuerySet[Any, Any]:
    """The live hours of these spaces' months that are going on or soon, the nearest first."""
    hours = LiveHour.objects.to_come().filter(
        month__space__among=spaces, starts_at__lt=clock.now() + LIVE_HOURS_SHOWN_FOR
    )
    return hours.order_by("starts_at", "pk").values_list(
        "pk", "month__space", "title", "starts_at", "ends_at"
    )[:HOURS_SHOWN]


class StepOfMonth(NamedTuple):
    """A month's prompt of this week, or without a title a step that the user has taken in it."""

    space: int
    step: str
    title: str
    text: str


@statement(StepOfMonth)
def prompts_and_steps(user: "User", spaces: list[int], today: dt.date, *, sources: Any) -> QuerySet[Any, Any]:
    """The newest prompt of each of these months whose day has come, and the steps that the user took."""
    begun = MonthPrompt.objects.filter(on__lte=today)
    later = begun.filter(month=OuterRef("month"), position__gt=OuterRef("position"))
    newest = begun.filter(~Exists(later), month__space__among=spaces).order_by()

    def mine(space: str, person: str) -> Q:
        return Q(**{f"{space}__among": spaces, person: user})

    nothing = Value("", CharField())
    told = StepTold.objects.filter(mine("month__space", "user"))
    done = [
        taking.rows.values_list(taking.space, taking.named, nothing, nothing).distinct()
        for taking in takings(sources, mine)
    ]
    return newest.values_list("month__space", "step", "title", "text").union(
        told.values_list("month__space", "step", nothing, nothing), *done, all=True
    )


class NewPost(NamedTuple):
    """A conversation or practice that is new to the reader."""

    pk: int
    space: int
    title: str
    language: str
    by: str


@statement(NewPost)
def new_threads(user: "User", spaces: list[int], threads: list[int]) -> QuerySet[Any, Any]:
    """The newest few conversations of each of these spaces that are new to the user, without `threads`."""
    visible = Thread.objects.visible_to(user).filter(space__among=spaces).exclude(pk__among=threads)
    return _newest(having_news(visible, user), "last_post_at")


@statement(NewPost)
def new_practices(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    """The newest few practices of each of these spaces that are new to the user."""
    visible = Practice.objects.visible_to(user).filter(space__among=spaces)
    return _newest(unread_practices(visible, user), "published_at")


def _newest(rows: QuerySet[Any], moment: str) -> QuerySet[Any, Any]:
    numbered = Window(RowNumber(), partition_by=F("space"), order_by=[F(moment).desc(), F("pk").desc()])
    newest = rows.annotate(rank_in_space=numbered).filter(rank_in_space__lte=NEWEST_PER_SPACE)
    return newest.order_by(f"-{moment}", "-pk").values_list(
        "pk", "space", "title", "language", "author__name"
    )


class ShownDraft(NamedTuple):
    """A draft: where its form is, and the title of what was begun, or of the page."""

    pk: int
    place: str
    page: str
    typed: str | None
    saved_at: dt.datetime

    @property
    def title(self) -> str:
        return self.typed or self.page


@statement(ShownDraft)
def drafts_of(user: "User") -> QuerySet[Any, Any]:
    """The user's drafts, the newest first."""
    drafts = Draft.objects.filter(user=user).order_by("-saved_at")
    return drafts.values_list("pk", "place", "title", KT("fields__title"), "saved_at")


@statement(int)
def spaces_seen(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    """Of these spaces those that the user may see."""
    return Space.objects.visible_to(user).filter(pk__among=spaces).values_list("pk")
