"""Today: what waits for a user in all their spaces, course groups and institutes.

Each part is queried when the template reads it; the number of queries does not grow with the spaces.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from common import clock
from common.collation import sorted_by_name
from community.institutes.models import Institute, Staff
from followup.courses.models import Step
from followup.desk.coordinating import Coordinating
from followup.desk.member_spaces import NEAREST, MemberSpace, space_in, titles_of
from followup.desk.run_queries import trained_spaces
from followup.desk.today_queries import (
    OF_OTHERS,
    OWN,
    Hour,
    NewPost,
    Question,
    ShownDraft,
    StepOfMonth,
    drafts_of,
    hours_of,
    new_practices,
    new_threads,
    prompts_and_steps,
    questions_for,
    reports_to_decide,
    spaces_seen,
)
from followup.desk.training import Training
from followup.months.dates import day_in
from followup.steps.queries import Steps
from followup.steps.sources import available_steps, source_names

if TYPE_CHECKING:
    from community.people.models import User

QUESTIONS_SHOWN = 5
"""Questions of the reader and of other users that are shown."""
SPACES_SHOWN = 8
"""Spaces or prompts of each sort; the page of all one's months has the rest."""
PLANS_FOR = dt.timedelta(days=3)
"""For this time after a month began, its first prompt asks what one will try, and not yet how it went."""
INSTITUTES_SHOWN = 20
"""Institutes an administrator sees; the administration lists all."""


@dataclass(frozen=True)
class Week:
    """This week's prompt of a month, and the reader's steps in it."""

    member_space: MemberSpace
    prompt: StepOfMonth
    steps: Steps

    @property
    def waits(self) -> bool:
        """Whether its step can be taken and has not been."""
        return self.prompt.step in available_steps() and self.prompt.step not in self.steps.taken

    @property
    def wants_plan(self) -> bool:
        """Whether it is too early to tell what one has tried, and the prompt asks what one will try."""
        month = self.member_space.month
        days = clock.today(self.member_space.space.time_zone) - month.opened_on if month else PLANS_FOR
        return self.waits and self.prompt.step == Step.TRIED and not self.steps.taken and days < PLANS_FOR

    @property
    def wants_practice(self) -> bool:
        """Whether the prompt leads to a practice; the others lead to a conversation."""
        return self.prompt.step in available_steps() and not self.wants_plan


@dataclass(frozen=True)
class Meeting:
    """A live hour and its space."""

    member_space: MemberSpace
    hour: Hour


@dataclass(frozen=True)
class News:
    """What is new in one space: the numbers, and the newest posts."""

    member_space: MemberSpace
    threads: Sequence[NewPost]
    practices: Sequence[NewPost]
    prompt_shown: bool
    """Whether this week's prompt of the same space is shown above, with its timeline."""


class Today:
    """What the page shows to one user."""

    def __init__(self, user: "User", spaces: Sequence[MemberSpace], *, has_desk: bool) -> None:
        self.user = user
        self.spaces = spaces
        self.has_desk = has_desk
        self.coordinating = Coordinating(user, has_desk=has_desk)
        self.open = {member_space.pk: member_space for member_space in spaces if member_space.is_open}

    @property
    def only(self) -> MemberSpace | None:
        """The one open space of a user who has no other: the page names it once, and not at each row."""
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    @property
    def is_first_day(self) -> bool:
        """Whether the user joined today, and is told what this place is."""
        joined = self.user.joined_at
        return joined is not None and day_in(joined, self.user.time_zone) == clock.today(self.user.time_zone)

    @property
    def awaiting(self) -> list[MemberSpace]:
        """The spaces in which the user waits for a confirmation."""
        waiting = [member_space for member_space in self.open.values() if member_space.awaiting_last_day]
        return waiting[:SPACES_SHOWN]

    @property
    def nearest(self) -> MemberSpace | None:
        """The open space that ends first."""
        return next(iter(self.open.values()), None)

    @cached_property
    def training(self) -> Training:
        """The part for trainers."""
        trained = [member_space for member_space in self.open.values() if member_space.trains]
        return Training(self.user, trained, self._questions, may_train=bool(self._trained))

    @cached_property
    def weeks(self) -> list[Week]:
        """This week's prompt of each open month in which the user participates."""
        taking_part = {pk: each for pk, each in self.open.items() if each.takes_part}
        taking_part = dict(islice(taking_part.items(), SPACES_SHOWN))
        by_day = defaultdict(list)
        for pk, member_space in taking_part.items():
            by_day[clock.today(member_space.space.time_zone)].append(pk)
        prompts: dict[int, StepOfMonth] = {}
        steps = {pk: Steps() for pk in taking_part}
        for day, spaces in by_day.items():
            for row in prompts_and_steps(self.user, spaces, day, sources=source_names()):
                if row.title:
                    prompts[row.space] = row
                else:
                    steps[row.space].taken.add(row.step)
        return [Week(each, prompts[pk], steps[pk]) for pk, each in taking_part.items() if pk in prompts]

    @cached_property
    def hours(self) -> list[Meeting]:
        """Live hours in the user's open months: those going on and those of the next days."""
        months = [pk for pk, member_space in self.open.items() if member_space.month]
        return [Meeting(self.open[hour.space], hour) for hour in hours_of(months)] if months else []

    @cached_property
    def followed(self) -> list[MemberSpace]:
        """The spaces whose rooms an open page follows, to show at once that a live hour began or ended."""
        return list(islice(self.open.values(), SPACES_SHOWN))

    @property
    def rooms_to_enter(self) -> list[MemberSpace]:
        """The open months of a trainer in which no live hour is going on: one can begin now."""
        live = {meeting.member_space.pk for meeting in self.hours if meeting.hour.is_live}
        quiet = [each for each in self.training.nearest if each.pk not in live]
        return quiet[:SPACES_SHOWN]

    @cached_property
    def news(self) -> list[News]:
        """The spaces with something new in them, each with the titles of the newest posts.

        A question that is on the page already is counted here but not listed again.
        """
        having_news = [member_space for member_space in self.spaces if member_space.unread]
        with_news = {member_space.pk: member_space for member_space in having_news[:SPACES_SHOWN]}
        threads: dict[int, list[NewPost]] = defaultdict(list)
        practices: dict[int, list[NewPost]] = defaultdict(list)
        # In a closed space only some practices are counted, and everything that is new is listed.
        if with_threads := [pk for pk, each in with_news.items() if each.new_threads or not each.is_open]:
            shown = [*self.training.questions, *self.replies_to_me, *self.questions]
            for post in new_threads(self.user, with_threads, [question.pk for question in shown]):
                threads[post.space].append(post)
        if with_practices := [pk for pk, each in with_news.items() if each.new_practices or not each.is_open]:
            for post in new_practices(self.user, with_practices):
                practices[post.space].append(post)
        with_prompt = {week.member_space.pk for week in self.weeks} if with_news else set()
        return [
            News(member_space, threads[pk], practices[pk], pk in with_prompt)
            for pk, member_space in with_news.items()
        ]

    @cached_property
    def _questions(self) -> list[Question]:
        if not self.open:
            return []
        taking_part = [pk for pk, member_space in self.open.items() if member_space.takes_part]
        return questions_for(self.user, self._trained, taking_part)

    @cached_property
    def _trained(self) -> list[int]:
        """All open spaces in which the user answers questions."""
        if len(self.open) < NEAREST:
            return [pk for pk, member_space in self.open.items() if member_space.trains]
        return [pk for pk, space in trained_spaces(self.user).items() if space.is_open]

    @property
    def replies_to_me(self) -> list[Question]:
        """The user's questions that have replies and no accepted answer."""
        return [question for question in self._questions if question.sort == OWN][:QUESTIONS_SHOWN]

    @property
    def questions(self) -> list[Question]:
        """Unanswered questions of others to which the user has not replied."""
        return [question for question in self._questions if question.sort == OF_OTHERS][:QUESTIONS_SHOWN]

    @cached_property
    def drafts(self) -> list[ShownDraft]:
        """The user's drafts, without those in spaces that they may not see now."""
        drafts = drafts_of(self.user)
        own = {member_space.pk for member_space in self.spaces}
        if unknown := {space_in(draft.place) for draft in drafts} - {0} - own:
            own.update(spaces_seen(self.user, sorted(unknown)))
        return [draft for draft in drafts if space_in(draft.place) in own | {0}]

    @cached_property
    def quiet(self) -> list[MemberSpace]:
        """Open spaces without anything new and without a prompt this week."""
        shown = {week.member_space.pk for week in self.weeks}
        quiet = [
            member_space
            for pk, member_space in self.open.items()
            if not member_space.unread and pk not in shown
        ]
        return quiet[:SPACES_SHOWN]

    @property
    def closing(self) -> list[MemberSpace]:
        """Months that close within a week; coordinators see those of their institute elsewhere."""
        near = [
            member_space
            for member_space in self.spaces
            if member_space.closes_soon and not member_space.coordinates
        ]
        return near[:SPACES_SHOWN]

    @cached_property
    def closed(self) -> list[MemberSpace]:
        """Months that are closed, the newest first."""
        return [member_space for member_space in self.spaces if not member_space.is_open][:SPACES_SHOWN]

    @cached_property
    def has_more(self) -> bool:
        """Whether the user has other months than those listed."""
        listed = [
            *(week.member_space for week in self.weeks),
            *(news.member_space for news in self.news),
            *self.quiet,
            *self.closed,
        ]
        shown = {each.pk for each in listed}
        if not shown.issuperset(member_space.pk for member_space in self.spaces):
            return True
        return len(self.spaces) >= NEAREST and len(shown) < len(titles_of(self.user))

    @cached_property
    def institutes(self) -> Sequence[Institute]:
        """For an administrator: the institutes, each with its number of `coordinators`."""
        coordinating = Count("staff", filter=Q(staff__role=Staff.Role.COORDINATOR))
        institutes = Institute.objects.annotate(coordinators=coordinating).order_by("pk")
        return sorted_by_name(institutes, lambda institute: institute.name)[:INSTITUTES_SHOWN]

    @cached_property
    def reports(self) -> int:
        """The number of reports that wait for a decision of the user, asked only for those who keep order."""
        moderates = self.user.is_moderator
        if not (moderates or self._trained or self.has_desk):
            return 0
        return len(reports_to_decide(self.user, moderates=moderates))

    @property
    def nothing_waits(self) -> bool:
        """Whether there is nothing to do."""
        to_do = (self.reports, self.news, self.replies_to_me, self.questions, self.drafts)
        has_prompt = any(week.waits for week in self.weeks)
        return not (any(to_do) or has_prompt or self.training.waits or self.coordinating.waits)
