"""The header of a follow-up space: its course, its timeline, this week's prompt."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import gettext

from common import clock
from common.dates import day_in_words, span_in_words, time_in_words, to_date, weekday_in_words
from common.moments import at_hour
from community.posts import counting
from community.rooms.extensions import HeaderLink
from community.rooms.permissions import can_enter_room
from community.spaces.kinds import Hour, Tab
from community.spaces.lookup import MemberRequest
from community.spaces.models import Membership, Space
from community.spaces.permissions import (
    can_add_practice,
    can_answer_here,
    can_manage,
    can_talk,
    membership_in,
)
from followup.courses.models import Step
from followup.live_hours import news
from followup.live_hours.permissions import can_announce
from followup.months import dates, prompts
from followup.months.models import Extension, Month
from followup.months.permissions import can_answer, can_extend
from followup.months.queries import is_trainer_promised
from followup.overview.labels import Prompt
from followup.overview.queries import MonthShown, ShownHour, ShownPrompt, month_shown
from followup.overview.shown import About, Extended, Face, Head, HourLine, Notes, WeekPrompt, Welcome, Who
from followup.overview.timeline import Timeline, strip
from followup.steps.figures import Figures, figures_of
from followup.steps.forms import empty_fields
from followup.steps.permissions import can_report_step, can_see_counts
from followup.steps.queries import Steps, counts, steps_in

KEEP_OFFERED_FOR = dt.timedelta(days=2)
"""For this time after a live hour its trainers are offered to keep messages from it."""

FIRST_VISIT_LASTS = dt.timedelta(hours=1)
"""For this time after somebody came in for the first time they are a newcomer."""


class Header:
    """What the header shows to one reader; each property queries once, when the template reads it."""

    def __init__(self, request: HttpRequest, space: Space) -> None:
        self.user: Any = request.user
        self.space = space
        match = request.resolver_match
        page = match.url_name if match is not None else ""
        self.is_first_page = page == "space"
        self.lists_people = page == "space_people"
        self.shows_hours = page in ("space", "space_room")
        self.selected: dt.date | None = None
        """The day that the page shows."""

    @cached_property
    def shown(self) -> MonthShown:
        """The month with its lists."""
        return month_shown(self.space, self.user)

    @property
    def month(self) -> Month:
        return self.shown.month

    @property
    def prompts(self) -> list[ShownPrompt]:
        return self.shown.prompts

    @cached_property
    def today(self) -> dt.date:
        """The institute's date."""
        return clock.today(self.space.time_zone)

    @property
    def head(self) -> Head:
        """What stands above the timeline."""
        last_day = self.space.last_day
        return Head(
            space=self.space.pk,
            title=self.space.title,
            language=self.space.language,
            is_open=self.space.is_open,
            last_day=day_in_words(last_day),
            days_left=(last_day - self.today).days,
            may_ask=self.may_ask,
            asks_trainer=self.asks_trainer,
        )

    @property
    def notes(self) -> Notes:
        """What the first page says before anything else."""
        is_open, on_hand, keep = self.space.is_open, self.shown.on_hand, self.hour_to_keep
        return Notes(
            space=self.space.pk,
            month=self.month.pk,
            room=self.space.room_id,
            is_open=is_open,
            nobody=is_open and not on_hand.here,
            invited=on_hand.invited,
            trainer_by=_in_words(self.month.trainer_by),
            awaiting_until=_in_words(self.awaiting_last_day),
            asked=self._extended if is_open and self.may_answer_extension else None,
            hour=_hour_line(self.hour) if self.hour else None,
            may_enter_room=can_enter_room(self.user, self.space),
            to_keep=keep.pk if keep else 0,
            to_keep_title=keep.title if keep else "",
        )

    @property
    def who(self) -> Who | None:
        """Who answers, while the month is open and they have promised it; not beside the list of people."""
        if self.lists_people or not (self.space.is_open and self.asks_trainer):
            return None
        here, invited = (tuple(map(Face, names)) for names in self.shown.on_hand)
        return Who(here, invited, until=day_in_words(self.space.last_day))

    @cached_property
    def welcome(self) -> Welcome | None:
        """For who came to learn, on their first visit to the open month."""
        came_in_at = self.membership.came_in_at if self.membership else None
        if came_in_at is None or clock.now() - came_in_at > FIRST_VISIT_LASTS:
            return None
        if not self.may_ask or can_manage(self.user, self.space):
            return None
        trainers = self.shown.on_hand.here if self.asks_trainer else ()
        return Welcome(trainers, until=day_in_words(self.space.last_day))

    @property
    def about(self) -> About:
        """What the first page says last."""
        runs, is_open = self.shown.runs, self.space.is_open
        return About(
            dates=span_in_words(runs[0].starts_on, runs[0].ends_on) if len(runs) == 1 else "",
            place=runs[0].place if runs else "",
            groups=len(runs),
            course=self.shown.course or "",
            tried=(self.tried or 0) if is_open else 0,
            extended=self._extended if is_open and not self.may_answer_extension else None,
            may_announce=self.may_announce,
            may_extend=self.may_extend,
        )

    @property
    def shown_prompt(self) -> WeekPrompt | None:
        """This week's prompt as it is drawn; the prompt of a trying step leads participants to a practice."""
        if self.prompt is None:
            return None
        leads_to_practice = self.may_share and self.prompt.step in (Step.TRIED, Step.SHARED)
        rows = self.steps.rows() if self.has_steps else []
        return WeekPrompt(
            space=self.space.pk,
            text=self.prompt.text,
            language=self.space.language,
            leads_to_practice=leads_to_practice,
            leads_to_thread=not leads_to_practice and self.has_steps and self.may_ask,
            steps=tuple((row.label, row.taken) for row in rows),
        )

    @property
    def _extended(self) -> Extended | None:
        """The newest extension, whose reason all members may read."""
        extension = self.extension
        if extension is None:
            return None
        return Extended(
            last_day=day_in_words(extension.last_day),
            reason=extension.reason,
            on_hand=extension.on_hand,
            somebody_is_here=bool(self.shown.on_hand.here),
            may_answer=self.may_answer_extension,
            asked_others=self.asked_others,
        )

    @cached_property
    def posts(self) -> list[tuple[dt.date, int]]:
        """How many were written on each day with any."""
        return sorted(counting.by_day({self.space.pk: self.shown.token})[self.space.pk].items())

    @property
    def timeline(self) -> SafeString:
        """The month as a strip of days."""
        posts = self.posts
        return strip(
            month=self.month.pk,
            first=self.month.opened_on.toordinal(),
            last=self.space.last_day.toordinal(),
            today=self.today.toordinal(),
            read_on=clock.today(get_current_timezone_name()).toordinal(),
            prompts=tuple((prompt.on.toordinal(), prompt.title, prompt.step) for prompt in self.prompts),
            days_with_posts=tuple(day.toordinal() for day, _count in posts),
            posts=tuple(count for _day, count in posts),
            closed=not self.space.is_open,
            hours=tuple(to_date(hour.starts_at).toordinal() for hour in self.hours),
            selected=self.selected.toordinal() if self.selected else 0,
            explained=self.is_first_page,
        )

    @property
    def days(self) -> Timeline:
        """The month, for who looks for one of its days."""
        return Timeline(
            first=self.month.opened_on,
            last=self.space.last_day,
            today=self.today,
            prompts=[Prompt(each.on, each.title, str(Step(each.step).label)) for each in self.prompts],
            posts=dict(self.posts),
            closed=not self.space.is_open,
            hours={to_date(hour.starts_at) for hour in self.hours},
            month=self.month.pk,
        )

    @property
    def hours(self) -> list[ShownHour]:
        """All live hours of the month that were not cancelled."""
        return self.shown.hours

    @cached_property
    def hour(self) -> ShownHour | None:
        """The live hour that is going on, or the next one."""
        now = clock.now()
        return next((hour for hour in self.hours if hour.ends_at > now), None) if self.space.is_open else None

    @property
    def may_announce(self) -> bool:
        return self.space.is_open and can_announce(self.user, self.month)

    @property
    def hour_to_keep(self) -> ShownHour | None:
        """The hour that ended last, if the reader may keep messages from it and it is recent."""
        if not self.may_announce:
            return None
        now = clock.now()
        ended = [hour for hour in self.hours if now - KEEP_OFFERED_FOR < hour.ends_at <= now]
        return ended[-1] if ended else None

    @cached_property
    def prompt(self) -> ShownPrompt | None:
        """This week's prompt, while the space is open."""
        return prompts.current(self.prompts, self.space.time_zone) if self.space.is_open else None

    @property
    def may_ask(self) -> bool:
        """Whether the reader may ask the trainer: members who do not answer themselves."""
        return can_talk(self.user, self.space) and not can_answer_here(self.user, self.space)

    @property
    def asks_trainer(self) -> bool:
        """Whether a trainer is on hand whom the reader can ask."""
        return is_trainer_promised(self.extensions) and bool(self.shown.on_hand.here)

    @cached_property
    def membership(self) -> Membership | None:
        """The reader's membership."""
        return membership_in(self.user, self.space)

    @property
    def awaiting_last_day(self) -> dt.date | None:
        """The last day on which the reader has access without a confirmation, if they await one."""
        if self.membership is None or not self.membership.is_awaiting:
            return None
        until = self.membership.ends_at(self.space.closes_at)
        return dates.last_day_before(until, self.space.time_zone) if until else None

    @property
    def asked_others(self) -> bool:
        """Whether the reader is a trainer who extended and stays, and others were asked."""
        return (
            self.extension is not None
            and self.extension.on_hand == Extension.OnHand.ASKED
            and self.extension.extended_by_id == self.user.pk
            and can_answer_here(self.user, self.space)
        )

    @property
    def may_answer_extension(self) -> bool:
        """Whether the reader is a trainer who was asked whether they stay, and nobody has answered yet."""
        return (
            self.extension is not None
            and self.extension.on_hand == Extension.OnHand.ASKED
            and can_answer(self.user, self.extension)
        )

    @property
    def may_share(self) -> bool:
        """Whether the page asks the reader for a practice: participants, not all who may add one."""
        return self.has_steps and can_add_practice(self.user, self.space)

    @property
    def has_steps(self) -> bool:
        """Whether the reader takes the steps: participants, also after the end."""
        return can_report_step(self.user, self.month)

    @cached_property
    def all_steps(self) -> Mapping[int, Steps]:
        """The steps of all participants, including the reader's own."""
        return steps_in(self.month)

    @property
    def steps(self) -> Steps:
        """The reader's own steps."""
        return self.all_steps.get(self.user.pk) or Steps()

    @property
    def tried(self) -> int | None:
        """How many have tried something, if they are enough to be shown."""
        return counts(self.all_steps.values()).get(Step.TRIED)

    @property
    def step_fields(self) -> SafeString:
        """The fields of the form to report a step."""
        return empty_fields()

    @property
    def may_extend(self) -> bool:
        return can_extend(self.user, self.month)

    @property
    def extension(self) -> Extension | None:
        """The newest extension, whose reason all members may read."""
        return self.extensions[-1] if self.extensions else None

    @property
    def extensions(self) -> list[Extension]:
        """All extensions of the month, the newest last."""
        return self.shown.extensions

    @cached_property
    def figures(self) -> Figures:
        return figures_of(self.month, self.all_steps)


def _in_words(day: dt.date | None) -> str:
    return day_in_words(day) if day else ""


def _hour_line(hour: ShownHour) -> HourLine:
    when = time_in_words(hour.ends_at) if hour.is_live else at_hour(hour.starts_at)
    return HourLine(hour.title, hour.is_live, when)


def header_of(request: HttpRequest, space: Space) -> Header:
    """The header of this request's space, created once."""
    cached: Header | None = request.__dict__.get("_month_header")
    if cached is None or cached.space.pk != space.pk:
        cached = request.__dict__["_month_header"] = Header(request, space)
    return cached


def context(request: HttpRequest, space: Space) -> dict[str, Any]:
    """The variables of its template."""
    return {"header": header_of(request, space)}


def room_hour(request: HttpRequest, space: Space) -> Hour | None:
    """The live hour that is going on, or the next one. Marks the notifications about it as seen."""
    header = header_of(request, space)
    if header.shows_hours:
        news.mark_seen(header.user, [hour.pk for hour in header.hours if hour.has_news])
    return Hour(hour_text(header.hour), header.hour.is_live) if header.hour else None


def hour_text(hour: ShownHour) -> str:
    """Who is in the room and when, shown above the collapsed room."""
    values = {
        "name": hour.announced_by or gettext("The trainer"),
        "day": weekday_in_words(hour.starts_at),
        "time": time_in_words(hour.ends_at if hour.is_live else hour.starts_at),
    }
    if hour.is_live:
        return gettext("%(name)s is here now, until %(time)s") % values
    return gettext("%(name)s is here %(day)s at %(time)s") % values


def room_links(request: MemberRequest, space: Space) -> list[HeaderLink]:
    """The button with which those who may announce hours begin one now, or end the one that is going on."""
    if space.kind != Month.SPACE_KIND or not space.is_open or not can_manage(request.user, space):
        return []
    header = header_of(request, space)
    if header.hour is None or not header.hour.is_live:
        url = reverse("live_now", kwargs={"pk": header.month.pk})
        return [HeaderLink(gettext("I’m in the chat now"), url, "radio", posts=True)]
    url = reverse("live_hour_cancel", kwargs={"pk": header.month.pk, "hour_pk": header.hour.pk})
    return [HeaderLink(gettext("End the live hour"), url, "x", posts=True)]


def tabs(request: HttpRequest, space: Space) -> list[Tab]:
    """Materials, and the steps for those who take them or see how many did."""
    header = header_of(request, space)
    pk = header.month.pk
    found = [Tab("materials", gettext("Materials"), reverse("month_materials", kwargs={"pk": pk}))]
    if header.has_steps or can_see_counts(header.user, header.month):
        found.append(Tab("steps", gettext("Steps"), reverse("month_steps", kwargs={"pk": pk})))
    return found
