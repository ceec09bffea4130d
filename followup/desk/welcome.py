"""The picture of a space on the welcome page: a made-up month on its twelfth day."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from common import clock
from common.dates import day_in_words, hour_in_words
from common.names import initials
from common.pieces import piece
from followup.courses.models import Step
from followup.months import dates, prompts
from followup.months.prompts import PromptText
from followup.overview.timeline import Prompt, Timeline

POSTS_BY_DAY = (1, 0, 2, 1, 3, 0, 0, 1, 2, 2, 1, 1)
"""Posts on each day so far."""
LIVE_HOURS = (5, 14)
"""The days of the month, counted from 0, with a live hour."""
LIVE_AT = dt.time(16)


@piece
def picture(today: int) -> SafeString:
    """The picture on this day, an ordinal; kept, since it is the same for all visitors of a language."""
    with clock.at(dt.datetime.combine(dt.date.fromordinal(today), dt.time(12), dt.UTC)):
        return SafeString(render_to_string("desk/_welcome_space.html", {"sample": Sample()}))


@dataclass(frozen=True)
class Person:
    """Somebody in the picture, with what they wrote."""

    name: str
    text: str = ""
    title: str = ""
    state: str = ""
    badge: str = ""

    @property
    def initials(self) -> str:
        return initials(self.name)


class Sample:
    """What the picture shows, in the active language."""

    def __init__(self) -> None:
        self.first = clock.today("UTC") - dt.timedelta(days=len(POSTS_BY_DAY) - 1)

    @cached_property
    def timeline(self) -> Timeline:
        """Its strip."""
        first, last = self.first, dates.last_day(self.first, 1)
        days = dates.prompt_days(first, last, len(self.ideas))
        return Timeline(
            first=first,
            last=last,
            today=clock.today("UTC"),
            prompts=[
                Prompt(day, idea.title, str(Step(idea.step).label))
                for day, idea in zip(days, self.ideas, strict=True)
            ],
            posts={first + dt.timedelta(days=day): count for day, count in enumerate(POSTS_BY_DAY)},
            hours=[first + dt.timedelta(days=day) for day in LIVE_HOURS],
        )

    @cached_property
    def ideas(self) -> list[PromptText]:
        """Its weekly ideas."""
        return prompts.standard()

    @property
    def idea(self) -> PromptText:
        """This week's."""
        return self.ideas[1]

    @property
    def last_day(self) -> str:
        """Its last day in words."""
        return day_in_words(self.timeline.last)

    @property
    def days_left(self) -> int:
        """How many days are left."""
        return (self.timeline.last - self.timeline.today).days

    @property
    def hour(self) -> str:
        """The next live hour in words."""
        day = self.first + dt.timedelta(days=LIVE_HOURS[-1])
        return hour_in_words(dt.datetime.combine(day, LIVE_AT, dt.UTC), "UTC")

    @property
    def hour_title(self) -> str:
        """What it is about."""
        return gettext("Bring a question that worked")

    @cached_property
    def trainer(self) -> str:
        """The name of who taught the course."""
        return gettext("Helen Marsh")

    @property
    def posts(self) -> list[Person]:
        """A welcome, a question that was answered, and a write-up that others tried."""
        return [
            Person(
                self.trainer,
                title=gettext("We go on here, and I’m glad you’ve come"),
                text=gettext("Yesterday we sat in one room. From today, this is it."),
                badge="answers",
            ),
            Person(
                gettext("Tom Baker"),
                title=gettext("How long do you wait after a question?"),
                text=gettext("Ten seconds feel like forever, and then the same three hands go up."),
                state=gettext("answered"),
            ),
            Person(
                gettext("Nora Ellis"),
                title=gettext("They write first, then they speak"),
                text=gettext("A minute of writing, and the quiet ones had something to say."),
                state=ngettext("tried by %(many)s other", "tried by %(many)s others", 3) % {"many": 3},
            ),
        ]

    @property
    def messages(self) -> list[Person]:
        """The latest in the chat."""
        return [
            Person(gettext("Nora Ellis"), gettext("Year 7 asked for it again today.")),
            Person(
                self.trainer,
                gettext("Lovely! Bring two of their questions to the live hour?"),
                badge="answers",
            ),
        ]
