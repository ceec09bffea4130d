"""Today: what waits for a user in all their spaces, course groups and institutes.

Each part is queried when the template reads it; the number of queries does not grow with the spaces.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from common import clock
from common.collation import sorted_by_name
from community.institutes.models import Institute, Staff
from community.people.models import Draft
from community.practices.models import Practice
from community.practices.queries import with_reading
from community.spaces.models import Space
from community.threads.models import Reply, Thread
from community.threads.queries import unread
from followup.desk.coordinating import Coordinating
from followup.desk.member_spaces import MemberSpace, memberships_of, space_in
from followup.desk.training import Training
from followup.live_hours.models import LiveHour
from followup.live_hours.queries import upcoming_hours
from followup.months import prompts
from followup.months.models import MonthPrompt
from followup.steps.queries import Steps, own_steps
from followup.steps.sources import available_steps

if TYPE_CHECKING:
    from community.people.models import User

NEWEST_PER_SPACE = 3
"""New posts of each kind that are listed per space."""
QUESTIONS_SHOWN = 5
"""Questions of other users that are shown."""
SPACES_SHOWN = 8
"""Spaces, prompts or live hours of each sort; the page of all one's months has the rest."""
INSTITUTES_SHOWN = 20
"""Institutes an administrator sees; the administration lists all."""
LIVE_HOURS_SHOWN_FOR = dt.timedelta(days=7)
"""How far ahead live hours are shown; the month's timeline shows the others."""


@dataclass(frozen=True)
class Week:
    """This week's prompt of a month, and the reader's steps in it."""

    member_space: MemberSpace
    prompt: MonthPrompt
    steps: Steps

    @property
    def waits(self) -> bool:
        """Whether its step can be taken and has not been."""
        return self.prompt.step in available_steps() and self.prompt.step not in self.steps.taken

    @property
    def wants_practice(self) -> bool:
        """Whether the prompt leads to a practice; the others lead to a conversation."""
        return self.prompt.step in available_steps()


@dataclass(frozen=True)
class Meeting:
    """A live hour and its space."""

    member_space: MemberSpace
    hour: LiveHour


@dataclass(frozen=True)
class News:
    """What is new in one space: the numbers, and the newest posts."""

    member_space: MemberSpace
    threads: Sequence[Thread]
    practices: Sequence[Practice]
    prompt_shown: bool
    """Whether this week's prompt of the same space is shown above, with its timeline."""


class Today:
    """What the page shows to one user."""

    def __init__(self, user: "User", spaces: Sequence[MemberSpace]) -> None:
        self.user = user
        self.spaces = spaces
        self.training = Training(user, spaces)
        self.coordinating = Coordinating(user)
        self.open = {member_space.space.pk: member_space for member_space in spaces if member_space.is_open}

    @cached_property
    def weeks(self) -> list[Week]:
        """This week's prompt of each open month in which the user participates."""
        months = {
            member_space.month: member_space
            for member_space in self.open.values()
            if member_space.takes_part and member_space.month
        }
        months = dict(islice(months.items(), SPACES_SHOWN))
        if not months:
            return []
        prefetch_related_objects(list(months), "prompts")
        steps, weeks = own_steps(self.user, months), []
        for month, member_space in months.items():
            if prompt := prompts.current(list(month.prompts.all()), member_space.space.time_zone):
                weeks.append(Week(member_space, prompt, steps[month.pk]))
        return weeks

    @cached_property
    def hours(self) -> list[Meeting]:
        """Live hours in the user's open months: those going on and those of the next days."""
        months = {
            member_space.month.pk: member_space for member_space in self.open.values() if member_space.month
        }
        if not months:
            return []
        until = clock.now() + LIVE_HOURS_SHOWN_FOR
        hours = [hour for hour in upcoming_hours(months) if hour.starts_at < until]
        return [Meeting(months[hour.month_id], hour) for hour in hours[:SPACES_SHOWN]]

    @property
    def rooms_to_enter(self) -> list[MemberSpace]:
        """The open months of a trainer in which no live hour is going on: one can begin now."""
        live = {meeting.member_space.space.pk for meeting in self.hours if meeting.hour.is_live}
        quiet = [each for each in self.training.nearest if each.space.pk not in live]
        return quiet[:SPACES_SHOWN]

    @cached_property
    def news(self) -> list[News]:
        """The spaces with something new in them, each with the titles of the newest posts.

        A question that is on the page already is counted here but not listed again.
        """
        having_news = [member_space for member_space in self.spaces if member_space.unread]
        with_news = {member_space.space.pk: member_space for member_space in having_news[:SPACES_SHOWN]}
        if not with_news:
            return []
        threads: dict[int, list[Thread]] = defaultdict(list)
        practices: dict[int, list[Practice]] = defaultdict(list)
        shown = [*self.training.questions, *self.replies_to_me, *self.questions]
        visible = Thread.objects.visible_to(self.user).filter(space__in=with_news)
        visible = visible.exclude(pk__in=[thread.pk for thread in shown])
        for thread in _newest(unread(visible, self.user), "last_post_at"):
            threads[thread.space_id].append(thread)
        seen = Practice.objects.visible_to(self.user).filter(space__in=with_news)
        for practice in _newest(with_reading(seen, self.user).filter(Q(is_new=True)), "published_at"):
            practices[practice.space_id].append(practice)
        with_prompt = {week.member_space.space.pk for week in self.weeks}
        return [
            News(member_space, threads[pk], practices[pk], pk in with_prompt)
            for pk, member_space in with_news.items()
        ]

    @cached_property
    def replies_to_me(self) -> list[Thread]:
        """The user's questions that have replies and no accepted answer."""
        replied = Reply.objects.published().filter(thread=OuterRef("pk")).exclude(author=self.user)
        if not self.open:
            return []
        spaces = Space.objects.of_member(self.user).open()
        mine = Thread.objects.unanswered().filter(Exists(replied), author=self.user, space__in=spaces)
        return list(mine.select_related("space").order_by("-last_post_at", "-pk")[:QUESTIONS_SHOWN])

    @cached_property
    def questions(self) -> list[Thread]:
        """Unanswered questions of others to which the user has not replied."""
        taking_part = [pk for pk, member_space in self.open.items() if member_space.takes_part]
        if not taking_part:
            return []
        replied = Reply.objects.published().filter(thread=OuterRef("pk"), author=self.user)
        waiting = Thread.objects.visible_to(self.user).unanswered().filter(space__in=taking_part)
        of_others = (
            waiting.exclude(author=self.user).exclude(Exists(replied)).select_related("author", "space")
        )
        return list(of_others.order_by("-created_at", "-pk")[:QUESTIONS_SHOWN])

    @cached_property
    def drafts(self) -> list[Draft]:
        """The user's drafts, without those in spaces that they may not see now."""
        drafts = list(Draft.objects.filter(user=self.user).order_by("-saved_at"))
        own = {membership.space_id for membership in memberships_of(self.user)}
        inaccessible = {space_in(draft.place) for draft in drafts} - {0} - own
        if inaccessible:
            inaccessible -= set(
                Space.objects.visible_to(self.user).filter(pk__in=inaccessible).values_list("pk", flat=True)
            )
        return [draft for draft in drafts if space_in(draft.place) not in inaccessible]

    @cached_property
    def quiet(self) -> list[MemberSpace]:
        """Open spaces without anything new and without a prompt this week."""
        shown = {week.member_space.space.pk for week in self.weeks}
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
        return len({each.space.pk for each in listed}) < len(memberships_of(self.user))

    @cached_property
    def institutes(self) -> Sequence[Institute]:
        """For an administrator: the institutes, each with its number of `coordinators`."""
        coordinating = Count("staff", filter=Q(staff__role=Staff.Role.COORDINATOR))
        institutes = Institute.objects.annotate(coordinators=coordinating).order_by("pk")
        return sorted_by_name(institutes, lambda institute: institute.name)[:INSTITUTES_SHOWN]

    @property
    def nothing_waits(self) -> bool:
        """Whether there is nothing to do."""
        to_do = (self.news, self.replies_to_me, self.questions, self.drafts)
        has_prompt = any(week.waits for week in self.weeks)
        return not (any(to_do) or has_prompt or self.training.waits or self.coordinating.waits)


def _newest(rows: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """The newest few posts of each space with their authors, in one query."""
    numbered = Window(RowNumber(), partition_by=F("space"), order_by=[F(moment).desc(), F("pk").desc()])
    return (
        rows.annotate(rank_in_space=numbered)
        .filter(rank_in_space__lte=NEWEST_PER_SPACE)
        .select_related("author")
        .order_by(f"-{moment}", "-pk")
    )
