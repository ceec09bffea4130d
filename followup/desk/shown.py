"""Rows of the desk as the plain values of which their pieces are drawn."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.utils.safestring import SafeString

from common import clock, moments
from common.privacy import SMALLEST_GROUP_SHOWN
from community.posts import counting
from community.spaces.permissions import standing_of
from followup.courses.queries import counts_of
from followup.desk.queries import courses_on_desk, months_on_desk
from followup.desk.run_queries import MONTH_VIEWERS, RUN_MANAGERS, State, institutes_of, runs_on_desk
from followup.overview.timeline import Timeline

if TYPE_CHECKING:
    from community.people.models import User


class ShownRun(NamedTuple):
    """A row of the list of course groups."""

    pk: int
    title: str
    language: str
    institute: str
    """Empty for who works at one only."""
    label: str
    place: str
    last_day: SafeString | str
    enrolled: int
    completed: int
    joined: int
    state: str
    may_complete: bool
    space: int | None
    """Of its month, if the reader may see it."""

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)


class ShownMonth(NamedTuple):
    """A card of the list of months."""

    space: int
    title: str
    language: str
    institute: str
    label: str
    timeline: SafeString
    position: str
    last_day: SafeString | str
    is_open: bool
    people: int | None
    """None if they are too few to be shown."""
    questions: int


class ShownCourse(NamedTuple):
    """A row of the list of courses."""

    title: str
    slug: str
    language: str
    institute: str
    groups: int
    follow_up_months: int
    is_public: bool
    may_create_run: bool


def works_at_several(user: "User") -> bool:
    """Whether the user has roles at several institutes, so that rows say of which they are."""
    return len({institute for institute, _role in standing_of(user).staff}) > 1


def shown_runs(user: "User", states: Mapping[int, State]) -> list[ShownRun]:
    """These course groups with their states, in this order."""
    if not states:
        return []
    viewed, managed = institutes_of(user, MONTH_VIEWERS), institutes_of(user, RUN_MANAGERS)
    several, counts = works_at_several(user), counts_of(list(states))
    runs = {run.pk: run for run in runs_on_desk(user, list(states))}
    return [
        ShownRun(
            pk=pk,
            title=run.title,
            language=run.language,
            institute=run.institute_name if several else "",
            label=run.label,
            place=run.place,
            last_day=moments.day(run.ends_on),
            enrolled=counts[pk].enrolled,
            completed=counts[pk].completed,
            joined=counts[pk].joined,
            state=state.value,
            may_complete=state == State.WAITING and run.institute in managed,
            space=run.space if run.trains or run.institute in viewed else None,
        )
        for pk, state in states.items()
        if (run := runs.get(pk))
    ]


def shown_months(user: "User", months: Sequence[int]) -> list[ShownMonth]:
    """These months, in this order."""
    if not months:
        return []
    rows, several = {month.pk: month for month in months_on_desk(list(months))}, works_at_several(user)
    posts = counting.by_day({month.space: month.token for month in rows.values()})
    shown = []
    for month in (rows[pk] for pk in months if pk in rows):
        timeline = Timeline(
            first=month.opened_on,
            last=month.last_day,
            today=clock.today(month.time_zone),
            posts=posts[month.space],
            closed=not month.is_open,
        )
        shown.append(
            ShownMonth(
                space=month.space,
                title=month.title,
                language=month.language,
                institute=month.institute_name if several else "",
                label=month.label or "",
                timeline=timeline.mini_drawn,
                position=timeline.position,
                last_day=moments.day(month.last_day),
                is_open=month.is_open,
                people=month.people if month.people >= SMALLEST_GROUP_SHOWN else None,
                questions=month.questions,
            )
        )
    return shown


def shown_courses(user: "User", courses: Sequence[int]) -> list[ShownCourse]:
    """These courses, in this order."""
    if not courses:
        return []
    coordinated, several = institutes_of(user, RUN_MANAGERS & MONTH_VIEWERS), works_at_several(user)
    rows = {course.pk: course for course in courses_on_desk(list(courses))}
    return [
        ShownCourse(
            title=course.title,
            slug=course.slug,
            language=course.language,
            institute=course.institute_name if several else "",
            groups=course.groups,
            follow_up_months=course.follow_up_months,
            is_public=course.published_at is not None,
            may_create_run=course.institute in coordinated,
        )
        for pk in courses
        if (course := rows.get(pk))
    ]
