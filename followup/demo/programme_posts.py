"""What the people of one space of a programme wrote and read: conversations, practices, the room, their
bells."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from community.practices.models import Practice
from community.threads import queries as threads
from community.threads.models import Thread
from followup.demo.phrases import Phrases
from followup.demo.programme_tables import Tables
from messaging.chat.models import Entry, Reaction
from messaging.notifications.models import BellEntry

NEVER_CAME, NOT_JOINED_EVERY = 2, 15
"""Which member of a space never came in, and every how manyeth has not accepted the invitation."""
LONG_THREAD_REPLIES = 500
"""In the second conversation of a busy space."""
REPLIES = (2, 4, 6, 8, 8, 10, 12, 14)
FIRST_THREAD_REPLIES = 20
NEWS, UNSEEN_NEWS = 40, 5
"""Notifications of each participant, and how many of them they have not seen."""
DAYS_WRITTEN = 335
"""How many days people wrote, if they still do."""
SUBJECTS, PHASES = ["", *Practice.Subject.values], ["", *Practice.Phase.values]
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Activity:
    """How much is written in a space, and how long nobody has."""

    threads: int
    practices: int
    messages: int
    silent_days: int = 5


@dataclass
class SpaceRows:
    """What the posts of a space need to know of it."""

    number: int
    pk: int
    room: int
    month: int
    title: str
    opened_at: dt.datetime
    members: list[int]
    """Participants in their order: the first has read everything, the third never came."""
    trainer: int
    coordinators: list[int]
    activity: Activity
    messages: int


@dataclass(frozen=True)
class _WrittenReply:
    pk: int
    number: int
    author: int
    at: dt.datetime


@dataclass(frozen=True)
class _WrittenThread:
    pk: int
    title: str
    author: int
    at: dt.datetime
    is_question: bool
    replies: list[_WrittenReply]


def has_joined(member: int) -> bool:
    """Whether the participant with this number has accepted the invitation."""
    return member % NOT_JOINED_EVERY != NOT_JOINED_EVERY - 1


def has_come(member: int) -> bool:
    """Whether the participant with this number has ever been in the space."""
    return member != NEVER_CAME and has_joined(member)


class PostsOfSpace:
    """Writes the rows of one space."""

    def __init__(
        self, tables: Tables, space: SpaceRows, phrases: Phrases, chance: random.Random, now: dt.datetime
    ) -> None:
        self.tables, self.space, self.phrases = tables, space, phrases
        self.chance, self.now = chance, now
        self.present = [user for member, user in enumerate(space.members) if has_come(member)]
        self.days = max(1, DAYS_WRITTEN - space.activity.silent_days)

    def write(self) -> None:
        """All of them."""
        if not self.present:
            return
        threads = [self._thread(number) for number in range(self.space.activity.threads)]
        self._practices()
        self._room()
        self._news(threads)

    def _moment(self, number: int, count: int) -> dt.datetime:
        """The moment of one of so many posts, evenly over the time in which people wrote."""
        spread = self.days * DAY * (number + 1) / (count + 1)
        return self.space.opened_at + spread + self.chance.randrange(600) * MINUTE

    def _thread(self, number: int) -> _WrittenThread:
        """A conversation or question with its replies, and how far everybody has read it."""
        tables, space, chance, phrases = self.tables, self.space, self.chance, self.phrases
        count = self._replies_of(number)
        at, step = self._moment(number, space.activity.threads), chance.randrange(10, 15) * MINUTE
        author, is_question = chance.choice(self.present), number % 4 == 3
        title, text, search_text = phrases.thread(chance.randrange(1_000))
        pk = tables.thread.last + 1
        replies = [self._reply(pk, each, at + step * each) for each in range(1, count + 1)]
        answered = is_question and number % 8 == 3 and bool(replies)
        tables.thread.add(
            space.pk,
            author,
            Thread.Kind.QUESTION if is_question else Thread.Kind.CONVERSATION,
            title,
            text.text,
            text.html,
            search_text,
            phrases.language,
            at,
            count,
            at + step * count,
            replies[0].pk if answered else None,
            at + step if answered else None,
            author if answered else None,
            at if number == 0 else None,
            space.trainer if number == 0 else None,
        )
        tables.audience.add(Thread.KIND, pk, space.pk)
        self._visits(number, pk, count)
        return _WrittenThread(pk, title, author, at, is_question, replies)

    def _replies_of(self, number: int) -> int:
        if number == 0:
            return FIRST_THREAD_REPLIES
        if number == 1 and self.space.activity.threads > 100:
            return LONG_THREAD_REPLIES
        return self.chance.choice(REPLIES)

    def _reply(self, thread: int, number: int, at: dt.datetime) -> _WrittenReply:
        text, search_text = self.phrases.reply(self.chance.randrange(1_000))
        author = self.space.trainer if number % 5 == 0 else self.chance.choice(self.present)
        pk = self.tables.reply.add(
            thread,
            number,
            author,
            text.text,
            text.html,
            search_text,
            self.phrases.language,
            number % 6 == 0,
            at,
        )
        return _WrittenReply(pk, number, author, at)

    def _visits(self, number: int, thread: int, count: int) -> None:
        add, chance, space = self.tables.thread_visit.add, self.chance, self.space
        newest = number >= space.activity.threads - 5
        for user in self.present:
            if user == space.members[0]:
                add(thread, user, count)
            elif newest and user in space.members[1:2]:
                continue
            elif chance.random() < 0.75:
                add(thread, user, count if chance.random() < 0.85 else max(0, count - 2))
        add(thread, space.trainer, count)
        for user in space.coordinators:
            if number % 10:
                add(thread, user, count)

    def _practices(self) -> None:
        tables, space, chance = self.tables, self.space, self.chance
        before: int | None = None
        for number in range(space.activity.practices):
            at = self._moment(number, space.activity.practices)
            title, setting, parts, search_text = self.phrases.practice(chance.randrange(1_000))
            columns = [column for part in parts for column in part]
            builds_on = before if number % 5 == 4 else None
            tried_once = number % 5 == 3 and number + 1 < space.activity.practices
            before = tables.practice.add(
                space.pk,
                chance.choice(self.present),
                builds_on,
                builds_on,
                title,
                setting,
                *columns,
                search_text,
                self.phrases.language,
                SUBJECTS[number % len(SUBJECTS)],
                PHASES[number % len(PHASES)],
                Practice.Outcome.WORKED if builds_on else "",
                int(tried_once),
                int(tried_once),
                at,
                at,
            )
            tables.audience.add(Practice.KIND, before, space.pk)
            for user in self.present:
                if user == space.members[0] or chance.random() < 0.6:
                    tables.practice_visit.add(before, user)
            for user in (space.trainer, *space.coordinators):
                tables.practice_visit.add(before, user)

    def _room(self) -> None:
        add, chance, space = self.tables.entry.add, self.chance, self.space
        everybody, total = [*self.present, space.trainer], space.messages
        step = self.days * DAY / (total + 1)
        for number in range(1, total + 1):
            message = self.phrases.message(chance.randrange(100_000))
            earlier = self.tables.entry.last - 6 if number % 9 == 8 else None
            pk = add(
                space.room,
                number,
                Entry.Kind.MESSAGE,
                chance.choice(everybody),
                *message,
                self.phrases.language,
                space.opened_at + step * number,
                earlier,
            )
            if number % 12 == 0:
                marks = Reaction.Mark.values
                self.tables.reaction.add(
                    pk, chance.choice(self.present), marks[number % len(marks)], self.now - DAY
                )

    def _news(self, threads: list[_WrittenThread]) -> None:
        """The bells of participants and of the trainer, mails and drafts of some."""
        about = [thread for thread in threads if thread.replies]
        for member, user in enumerate(self.space.members):
            if has_joined(member):
                chosen = self.chance.sample(about, min(len(about), NEWS))
                self._bell(member, user, sorted(chosen, key=lambda thread: thread.at))
                self._mails(user)
            if member % 10 == 3:
                place = reverse("thread", args=[about[0].pk])
                self.tables.draft.add(
                    user, place, "", {"text": self.phrases.paragraph(member).text}, self.now - DAY
                )
        questions = [thread for thread in threads if thread.is_question]
        self._questions(questions)

    def _bell(self, member: int, user: int, chosen: list[_WrittenThread]) -> None:
        bell = self.tables.bell.add(user, len(chosen))
        for position, thread in enumerate(chosen):
            reply = self.chance.choice(thread.replies)
            page = threads.page_of_number(reply.number)
            seen = member == 0 or position < len(chosen) - UNSEEN_NEWS
            pk = self._notify(
                user,
                f"reply:{reply.pk}",
                "reply",
                thread,
                f"?page={page}#reply-{reply.number}",
                {"started_by": thread.author, "question": thread.is_question},
                reply.author,
                reply.at,
                seen,
            )
            self.tables.bell_entry.add(bell, position + 1, BellEntry.Kind.NEW, pk)

    def _questions(self, questions: list[_WrittenThread]) -> None:
        """The trainer is told of every question. Their bell rings for all their spaces, so it is written at
        the end of the loading."""
        for position, thread in enumerate(questions):
            pk = self._notify(
                self.space.trainer,
                f"question:{thread.pk}",
                "question",
                thread,
                "",
                {},
                thread.author,
                thread.at,
                position < len(questions) - 1,
            )
            self.tables.news_of_trainers.setdefault(self.space.trainer, []).append(pk)

    def _notify(
        self,
        user: int,
        key: str,
        kind: str,
        thread: _WrittenThread,
        anchor: str,
        more: dict[str, Any],
        by: int,
        at: dt.datetime,
        seen: bool,
    ) -> int:
        return self.tables.notification.add(
            user,
            key,
            kind,
            Thread.KIND,
            thread.pk,
            f"space:{self.space.pk}",
            reverse("thread", args=[thread.pk]) + anchor,
            {"title": thread.title, "space": self.space.title, **more},
            by,
            at,
            at + DAY if seen else None,
            at + DAY,
        )

    def _mails(self, user: int) -> None:
        """The mails of the month so far; what they said is deleted when they are old."""
        for position in range(5):
            at = self.space.opened_at + 60 * position * DAY
            self.tables.mail.add(
                f"month-prompt:{self.space.month}-{position}:{user}:",
                "month-prompt",
                user,
                f"{user}@{self.phrases.language}.example",
                self.phrases.language,
                self.phrases.title(position),
                "",
                "",
                at,
                at,
                at,
                1,
            )
