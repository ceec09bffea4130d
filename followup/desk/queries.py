"""The months, courses and institutes on a desk."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import clock
from common.statements import statement
from community.institutes.models import Institute
from community.spaces.models import Membership
from community.threads.models import Thread
from community.unread.models import token_of
from followup.courses.models import Course, Run
from followup.courses.roles import SpaceRole
from followup.months.dates import last_day_before
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


class MonthState(TextChoices):
    """Whether talk in a month is open."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class MonthOnDesk(NamedTuple):
    """A month as the desk shows it, with the label of its newest course group, which tells months of one
    course apart; the number of `people` who participate and of unanswered `questions`.

    Questions to the trainer only are not counted, because nobody else may see them.
    """

    pk: int
    space: int
    title: str
    language: str
    institute_name: str
    opened_on: dt.date
    closes_at: dt.datetime
    time_zone: str
    label: str | None
    people: int
    questions: int
    token: int
    """Of its space, for `counting.by_day`."""

    @property
    def last_day(self) -> dt.date:
        return last_day_before(self.closes_at, self.time_zone)

    @property
    def is_open(self) -> bool:
        return self.closes_at > clock.now()


@statement(tuple)
def listed_months(
    user: "User", institutes: list[int], *, talk: MonthState, searched: bool
) -> QuerySet[Any, Any]:
    """The ids of the months of these institutes and of those that the user trains, with the texts in which
    they are searched: the open ones, the one that ends first at the top; or the closed ones, newest first."""
    trained = Membership.objects.current().filter(user=user, role=SpaceRole.TRAINER).values("space")
    months = with_label(Month.objects.filter(Q(space__in=trained) | Q(space__institute__among=institutes)))
    if talk == MonthState.CLOSED:
        shown = months.filter(space__closes_at__lte=clock.now()).order_by("-space__closes_at", "-pk")
    else:
        shown = months.filter(space__closes_at__gt=clock.now()).order_by("space__closes_at", "pk")
    return shown.values_list("pk", *(["space__title", "label"] if searched else []))


@statement(MonthOnDesk)
def months_on_desk(months: list[int]) -> QuerySet[Any, Any]:
    """These months, in any order."""
    people = Membership.objects.current().filter(space=OuterRef("space"), role=SpaceRole.PARTICIPANT)
    questions = Thread.objects.countable().unanswered().filter(space=OuterRef("space"))
    return with_label(Month.objects.filter(pk__among=months)).values_list(
        "pk",
        "space",
        "space__title",
        "space__language",
        "space__institute__name",
        "opened_on",
        "space__closes_at",
        "space__time_zone",
        "label",
        _count_per_space(people),
        _count_per_space(questions),
        token_of("space__"),
    )


def with_label(months: QuerySet[Month]) -> QuerySet[Any]:
    """The same, each with the `label` of its newest course group."""
    return months.annotate(label=of_newest_run("label"))


def of_newest_run(field: str) -> Subquery:
    """A field of a month's newest course group, for `annotate`."""
    newest = Run.objects.filter(month_run__month=OuterRef("pk")).order_by("-ends_on", "-pk")
    return Subquery(newest.values(field)[:1])


class CourseOnDesk(NamedTuple):
    """A course with the number of its course groups."""

    pk: int
    title: str
    slug: str
    language: str
    institute: int
    institute_name: str
    follow_up_months: int
    published_at: dt.datetime | None
    groups: int


@statement(tuple)
def titles_of_courses(institutes: list[int]) -> QuerySet[Any, Any]:
    """The ids and titles of the courses of these institutes."""
    return Course.objects.filter(institute__among=institutes).order_by("pk").values_list("pk", "title")


@statement(CourseOnDesk)
def courses_on_desk(courses: list[int]) -> QuerySet[Any, Any]:
    """These courses, in any order."""
    return (
        Course.objects.filter(pk__among=courses)
        .order_by()
        .values_list(
            "pk",
            "title",
            "slug",
            "language",
            "institute",
            "institute__name",
            "follow_up_months",
            "published_at",
        )
        .annotate(groups=Count("runs"))
    )


class InstituteLink(NamedTuple):
    """An institute with its page."""

    name: str
    slug: str


@statement(InstituteLink)
def names_of_institutes(institutes: list[int]) -> QuerySet[Any, Any]:
    """These institutes, in the order of their ids."""
    return Institute.objects.filter(pk__among=institutes).order_by("pk").values_list("name", "slug")


def _count_per_space(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values("space").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
