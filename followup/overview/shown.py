"""What the header of a follow-up space shows, as the plain values of which its pieces are drawn."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from common.names import initials


class Head(NamedTuple):
    """What stands above the timeline."""

    space: int
    title: str
    language: str
    is_open: bool
    last_day: str
    days_left: int
    may_ask: bool
    asks_trainer: bool


class Extended(NamedTuple):
    """The newest extension, while the month is open."""

    last_day: str
    reason: str
    on_hand: str
    somebody_is_here: bool
    may_answer: bool
    asked_others: bool


class HourLine(NamedTuple):
    """The live hour that is going on, or the next one; `when` it ends or begins, in words."""

    title: str
    is_live: bool
    when: SafeString | str


class Notes(NamedTuple):
    """What the first page says before anything else. Days are in words."""

    space: int
    month: int
    room: int
    is_open: bool
    nobody: bool
    """Whether nobody answers in the open month; then `invited` are the names of who has not joined yet, and
    somebody comes on the day `trainer_by`, if one was named."""
    invited: tuple[str, ...]
    trainer_by: str
    awaiting_until: str
    asked: Extended | None
    """The newest extension, if the reader was asked whether they stay."""
    hour: HourLine | None
    may_enter_room: bool
    to_keep: int
    """The id of the live hour from which the reader may keep messages, or 0."""
    to_keep_title: str


class Face(NamedTuple):
    """Somebody with their avatar."""

    name: str

    @property
    def initials(self) -> str:
        return initials(self.name)


class Who(NamedTuple):
    """Who answers, until a day in words."""

    here: tuple[Face, ...]
    invited: tuple[Face, ...]
    until: str


class Welcome(NamedTuple):
    """What somebody reads on their first visit: the names of who answers, until a day in words."""

    trainers: tuple[str, ...]
    until: str


class About(NamedTuple):
    """Which course a month follows, and what else may be done with it."""

    dates: str
    """Of the course, if the month serves one group."""
    place: str
    groups: int
    course: str
    """The slug of its page, if it has one."""
    tried: int
    """How many have tried something; 0 if they are too few to be shown."""
    extended: Extended | None
    may_announce: bool
    may_extend: bool


class WeekPrompt(NamedTuple):
    """This week's prompt, where it leads, and the reader's steps with whether each was taken."""

    space: int
    text: str
    language: str
    leads_to_practice: bool
    leads_to_thread: bool
    steps: tuple[tuple[str, bool], ...]
