"""What the header of a follow-up space shows, as the plain values of which its pieces are drawn."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from followup.overview.queries import OnHand


class Head(NamedTuple):
    """What stands above the timeline."""

    space: int
    title: str
    dates: str
    """Of the course, if the month serves one group."""
    place: str
    groups: int
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
    """What the first page says below the timeline, before this week's prompt. Days are in words."""

    space: int
    month: int
    room: int
    is_open: bool
    on_hand: OnHand | None
    """Who answers; None where nothing is said about it."""
    trainer_by: str
    awaiting_until: str
    extended: Extended | None
    hour: HourLine | None
    may_enter_room: bool
    to_keep: int
    """The id of the live hour from which the reader may keep messages, or 0."""
    to_keep_title: str


class Prompt(NamedTuple):
    """This week's prompt, where it leads, and the reader's steps with whether each was taken."""

    space: int
    title: str
    text: str
    language: str
    leads_to_practice: bool
    leads_to_thread: bool
    steps: tuple[tuple[str, bool], ...]
