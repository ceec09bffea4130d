"""The months and courses on a desk."""

from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import clock
from community.spaces.models import Membership
from community.threads.models import Thread
from followup.courses.models import Course, Run
from followup.courses.roles import SpaceRole
from followup.desk.run_queries import MONTH_VIEWERS, institutes_of
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


class MonthState(TextChoices):
    """Whether talk in a month is open."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


def months_on_desk(user: "User") -> QuerySet[Month]:
    """The months of institutes the user coordinates or evaluates, and those they train."""
    trained = Membership.objects.current().filter(user=user, role=SpaceRole.TRAINER).values("space")
    return Month.objects.filter(
        Q(space__in=trained) | Q(space__institute__in=institutes_of(user, MONTH_VIEWERS))
    )


def in_state(months: QuerySet[Month], talk: str) -> QuerySet[Month]:
    """The open months, the one that ends first at the top; or the closed ones, newest first."""
    if talk == MonthState.CLOSED:
        return months.filter(space__closes_at__lte=clock.now()).order_by("-space__closes_at", "-pk")
    return months.filter(space__closes_at__gt=clock.now()).order_by("space__closes_at", "pk")


def with_figures(months: QuerySet[Month]) -> QuerySet[Month]:
    """The same, each with the number of `people` who participate and of unanswered `questions`.

    Questions to the trainer only are not counted, because nobody else may see them.
    """
    people = Membership.objects.current().filter(space=OuterRef("space"), role=SpaceRole.PARTICIPANT)
    questions = Thread.objects.countable().unanswered().filter(space=OuterRef("space"))
    return months.annotate(people=_count_per_space(people), questions=_count_per_space(questions))


def with_label(months: QuerySet[Month]) -> QuerySet[Month]:
    """The same, each with the `label` of its newest course group, which tells months of one course apart."""
    return months.annotate(label=of_newest_run("label"))


def of_newest_run(field: str) -> Subquery:
    """A field of a month's newest course group, for `annotate`."""
    newest = Run.objects.filter(month_run__month=OuterRef("pk")).order_by("-ends_on", "-pk")
    return Subquery(newest.values(field)[:1])


def courses_on_desk(user: "User") -> QuerySet[Course]:
    """The courses of institutes the user coordinates or evaluates, with the number of `groups`."""
    courses = Course.objects.filter(institute__in=institutes_of(user, MONTH_VIEWERS))
    return courses.annotate(groups=Count("runs")).order_by("pk")


def _count_per_space(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values("space").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
