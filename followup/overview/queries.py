"""What the head of a follow-up space shows of its month, by one statement."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from common import clock
from common.collation import sorted_by_name
from common.rows import Rows
from common.statements import statement
from community.spaces.models import Membership, Space
from community.spaces.queries import people_answering
from community.unread.models import token_of
from followup.courses.models import Run
from followup.live_hours.models import LiveHour
from followup.live_hours.news import THING
from followup.months.models import Extension, Month, MonthPrompt
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User


class HeldRun(NamedTuple):
    """A course group of the month."""

    starts_on: dt.date
    ends_on: dt.date
    place: str


class ShownPrompt(NamedTuple):
    """A weekly prompt."""

    on: dt.date
    step: str
    title: str
    text: str


class _Extended(NamedTuple):
    pk: int
    previous_closes_at: dt.datetime
    last_day: dt.date
    reason: str
    on_hand: str
    extended_by_id: int | None


class ShownHour(NamedTuple):
    """A live hour that was not cancelled."""

    pk: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    announced_by: str | None
    """The name of who announced it."""
    has_news: bool
    """Whether the reader has a notification about it that they have not seen."""

    @property
    def is_live(self) -> bool:
        """Whether it is going on."""
        return self.starts_at <= clock.now() < self.ends_at


class OnHand(NamedTuple):
    """The names of who answers questions, in their order: who is there, and who was invited and has not
    joined yet."""

    here: tuple[str, ...]
    invited: tuple[str, ...]


class MonthShown(NamedTuple):
    """A month with all that its head may show. Lists are in the order of time."""

    month: Month
    token: int
    """The token of its space."""
    course: str | None
    """The slug of its course if that has a public page."""
    runs: list[HeldRun]
    prompts: list[ShownPrompt]
    extensions: list[Extension]
    hours: list[ShownHour]
    on_hand: OnHand


class _Answering(NamedTuple):
    name: str
    joined_at: dt.datetime | None


class _Shown(NamedTuple):
    token: int
    slug: str
    published_at: dt.datetime | None
    runs: list[HeldRun]
    prompts: list[ShownPrompt]
    extended: list[_Extended]
    hours: list[ShownHour]
    answering: list[_Answering]


def month_shown(space: Space, reader: "User") -> MonthShown:
    """The month of a space. Raises Month.DoesNotExist if it has none."""
    month = space.month
    shown: _Shown = space.__dict__.get(_SHOWN) or _shown_of(space.pk, reader)[0]
    extensions = [Extension(month=month, **each._asdict()) for each in shown.extended]
    people = sorted_by_name(shown.answering, lambda person: person.name)
    on_hand = OnHand(
        here=tuple(person.name for person in people if person.joined_at),
        invited=tuple(person.name for person in people if not person.joined_at),
    )
    course = shown.slug if shown.published_at else None
    return MonthShown(month, shown.token, course, shown.runs, shown.prompts, extensions, shown.hours, on_hand)


_SHOWN = "_month_shown"


@statement(_Shown)
def _shown_of(space: int, reader: "User") -> QuerySet[Any, Any]:
    return Space.objects.filter(pk=space).values_list(*_columns(reader, at=""))


def add_shown(rows: QuerySet[Any, Any], reader: "User", *, at: str) -> tuple[QuerySet[Any, Any], list[Any]]:
    """What `take_shown` takes, loaded beside a space (`community.spaces.lookup`)."""
    return rows, _columns(reader, at=at)


def take_shown(space: Space, reader: "User", values: Iterator[Any]) -> None:
    """Keep it with the space, for `month_shown`."""
    space.__dict__[_SHOWN] = _Shown._make(islice(values, len(_Shown._fields)))


def _columns(reader: "User", *, at: str) -> list[Any]:
    month = OuterRef(f"{at}month__pk")
    runs = Run.objects.filter(month_run__month=month).order_by("ends_on", "pk")
    prompts = MonthPrompt.objects.filter(month=month).order_by("position")
    extensions = Extension.objects.filter(month=month).order_by("pk")
    news = Notification.objects.unseen().filter(user=reader, thing_kind=THING, thing_id=OuterRef("pk"))
    hours = LiveHour.objects.not_cancelled().filter(month=month).annotate(has_news=Exists(news))
    answering = people_answering(Membership.objects.filter(space=OuterRef(f"{at}pk"))).order_by("pk")
    return [
        token_of(at),
        f"{at}month__course__slug",
        f"{at}month__course__published_at",
        Rows(HeldRun, runs),
        Rows(ShownPrompt, prompts),
        Rows(_Extended, extensions),
        Rows(ShownHour, hours.order_by("starts_at", "pk"), announced_by="announced_by__name"),
        Rows(_Answering, answering, name="user__name", joined_at="user__joined_at"),
    ]
