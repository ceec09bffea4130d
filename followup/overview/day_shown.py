"""What the page of a day shows, as plain values: texts by the conversation they stand in, and the way to the
other days."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from common import names
from common.dates import short_day_in_words, span_in_words, time_in_words, to_date
from community.practices.comment_queries import path_at_number
from community.rooms.queries import message_path
from community.spaces.models import Space
from community.threads.models import Thread
from community.threads.queries import url_at_number
from followup.overview.day_queries import MOST_OF_A_KIND, Begun, Day, Replied
from followup.overview.timeline import Cell, Timeline, written_in_words
from messaging.chat.attachments import in_words


class Words(NamedTuple):
    """What one person wrote."""

    name: str
    when: str
    language: str
    html: str
    url: str
    number: int = 0
    """Of a reply in its conversation."""

    @property
    def initials(self) -> str:
        """For the avatar."""
        return names.initials(self.name)


class Conversation(NamedTuple):
    """What was said in a conversation."""

    title: str
    language: str
    url: str
    is_question: bool
    private: str
    """Who alone reads it, in words; empty if everybody does."""
    words: list[Words]


class WriteUp(NamedTuple):
    """A practice that was published or commented on."""

    title: str
    language: str
    url: str
    setting: str
    is_try_out: bool
    words: Words | None
    """What was tried, if it was published then."""
    comments: list[Words]


class DayShown(NamedTuple):
    """All that was said on a day."""

    conversations: list[Conversation]
    write_ups: list[WriteUp]
    messages: list[Words]
    room_url: str
    """Where the messages stand in the room."""
    is_cut: bool
    """Whether there was more than is shown."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.conversations or self.write_ups or self.messages)


class DayLink(NamedTuple):
    """A day or week in the list of all."""

    url: str
    days: str
    posts: int
    written: str
    """The same in words."""
    hour: bool
    current: bool


class Week(NamedTuple):
    """The days from one prompt to the next."""

    title: str
    days: str
    links: list[DayLink]


def day_shown(day: Day, space: Space, *, of_one_day: bool) -> DayShown:
    """What the page shows of it."""
    conversations: dict[int, Conversation] = {}
    private = str(space.sentences.for_answerers)

    def when(at: dt.datetime) -> str:
        time = time_in_words(at)
        if of_one_day:
            return time
        return gettext("%(day)s, %(time)s") % {"day": short_day_in_words(to_date(at)), "time": time}

    def conversation(row: Begun | Replied, language: str, url: str) -> Conversation:
        is_question = row.kind == Thread.Kind.QUESTION
        said_to = private if row.audience == Thread.Audience.ANSWERERS else ""
        return Conversation(row.title, language, url, is_question, said_to, [])

    for begun in day.begun:
        url = reverse("thread", args=[begun.pk])
        words = Words(begun.name, when(begun.at), begun.language, begun.html, url)
        conversations[begun.pk] = conversation(begun, begun.language, url)
        conversations[begun.pk].words.append(words)
    for reply in day.replied:
        url = url_at_number(reply.thread, reply.number)
        if reply.thread not in conversations:
            conversations[reply.thread] = conversation(reply, reply.thread_language, url)
        words = Words(reply.name, when(reply.at), reply.language, reply.html, url, reply.number)
        conversations[reply.thread].words.append(words)
    for shown in conversations.values():
        shown.words.sort(key=lambda words: words.number)
    return DayShown(
        list(conversations.values()),
        _write_ups(day, when),
        [
            Words(
                said.name,
                when(said.at),
                said.language,
                said.html or format_html("<p>{}</p>", in_words(said.file, said.file_type)),
                message_path(space.pk, said.number),
            )
            for said in day.said
        ],
        message_path(space.pk, day.said[0].number) if day.said else "",
        any(len(rows) == MOST_OF_A_KIND for rows in day),
    )


def _write_ups(day: Day, when: Callable[[dt.datetime], str]) -> list[WriteUp]:
    found: dict[int, WriteUp] = {}
    for row in day.published:
        url = reverse("practice", args=[row.pk])
        words = Words(row.name, when(row.at), row.language, row.html, url)
        try_out = row.builds_on is not None
        found[row.pk] = WriteUp(row.title, row.language, url, row.setting, try_out, words, [])
    for comment in day.commented:
        url = path_at_number(comment.practice, comment.number)
        if comment.practice not in found:
            title, language = comment.title, comment.practice_language
            found[comment.practice] = WriteUp(title, language, url, "", False, None, [])
        words = Words(comment.name, when(comment.at), comment.language, comment.html, url, comment.number)
        found[comment.practice].comments.append(words)
    for shown in found.values():
        shown.comments.sort(key=lambda words: words.number)
    return list(found.values())


def weeks_shown(timeline: Timeline, current: Cell) -> list[Week]:
    """The days of the month that have begun, by the prompts that were current."""
    starts = [prompt.on for prompt in timeline.prompts] or [timeline.first]
    ends = [*(start - dt.timedelta(1) for start in starts[1:]), timeline.last]
    titles = [prompt.title for prompt in timeline.prompts] or [""]
    weeks = []
    for title, first, last in zip(titles, starts, ends, strict=True):
        cells = [cell for cell in timeline.readable if first <= cell.first <= last]
        links = [link_to(timeline, cell, current=cell == current) for cell in cells]
        if links:
            weeks.append(Week(title, span_in_words(first, last), links))
    return weeks


def link_to(timeline: Timeline, cell: Cell, *, current: bool = False) -> DayLink:
    """A day or week of the month as a link with a short name."""
    days = span_in_words(cell.first, cell.last) if timeline.is_weekly else short_day_in_words(cell.first)
    return DayLink(timeline.url_of(cell), days, cell.posts, written_in_words(cell.posts), cell.hour, current)
