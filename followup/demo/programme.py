"""A programme of a given size, to measure with: institutes, course groups, their open months and a year of
what people wrote in them.

The same size and seed make the same rows on any day; moments count back from now. The space with a number has
the same people and texts in a programme of any size, as long as there are as many people to a space: so a
page of it can be compared between a small installation and a large one.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.utils import translation

from common import clock
from common.access import Refused
from community.institutes.models import Institute, Staff
from community.people.models import Occupation, User
from community.spaces.kinds import Right, kind_named
from community.spaces.models import Space
from followup.courses.models import CompletionBatch, Step
from followup.courses.roles import SpaceRole
from followup.demo import bulk_rows
from followup.demo.phrases import COUNTRIES, LANGUAGES, Phrases
from followup.demo.programme_posts import Activity, PostsOfSpace, SpaceRows, has_come, has_joined
from followup.demo.programme_tables import Tables
from followup.months import dates, prompts
from followup.months.models import Month, Occasion
from messaging.chat import search_index
from messaging.notifications.models import BellEntry

DOMAIN = "programme.example"
"""The domain of everybody's address; mail to `.example` reaches nobody."""
FULL_SPACES = 700
HUGE_ROOM_MESSAGES = 100_000
"""In a programme of full size; in a smaller one in proportion."""
HUGE_ROOMS = range(3, 38, 7)
"""The numbers of the spaces with such a room."""
LEAST_HUGE = 1_000
TRAINER_OF_40 = range(7, 47)
"""The numbers of the spaces of one trainer; every other trainer has seven."""
SPACES_PER_TRAINER = 7
DAYS_OPEN = 340
"""How long ago the months opened."""
FOLLOW_UP_MONTHS = 13
SPACES_PER_TRANSACTION = 5
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@dataclass(frozen=True)
class Size:
    """How large the programme is, and the seed of its texts."""

    people: int
    institutes: int
    spaces: int
    seed: int = 1

    @property
    def huge_room(self) -> int:
        """How many messages a huge room has."""
        return max(LEAST_HUGE, HUGE_ROOM_MESSAGES * self.spaces // FULL_SPACES)


ORDINARY, BUSY, QUIET, SILENT = (
    Activity(60, 20, 400),
    Activity(120, 40, 1_500),
    Activity(20, 6, 80, silent_days=40),
    Activity(3, 1, 12, silent_days=200),
)
ACTIVITIES = (ORDINARY, BUSY, SILENT, ORDINARY, ORDINARY, QUIET, ORDINARY)
"""Of spaces by their number, again and again. The fourth of each seven may have a huge room."""


@dataclass
class _Staff:
    """The people who run the programme."""

    opener: int = 0
    """Coordinates every institute, opened every month and is a member of each."""
    trainers: dict[str, int] = field(default_factory=dict)
    coordinators: list[int] = field(default_factory=list)


def load(size: Size, report: Callable[[str], object] = lambda line: None) -> None:
    """Write the programme. Raises Refused unless the database is empty.

    It is written a few spaces at a time: after an interruption the database has to be emptied before another
    attempt.
    """
    if User.objects.exists() or Institute.objects.exists() or Space.objects.exists():
        raise Refused("A programme is loaded into an empty database only.")
    _Loading(size).run(report)


def trainer_address(number: int) -> str:
    """The address of the trainer of the space with this number."""
    if number in TRAINER_OF_40:
        return f"trainer-of-40@{DOMAIN}"
    earlier = len(TRAINER_OF_40) if number >= TRAINER_OF_40.stop else 0
    return f"trainer-{(number - earlier) // SPACES_PER_TRAINER}@{DOMAIN}"


def member_address(number: int, member: int) -> str:
    """The address of a participant of the space with this number."""
    return f"member-{number}-{member}@{DOMAIN}"


class _Loading:
    """Makes the rows of one programme."""

    def __init__(self, size: Size) -> None:
        self.size, self.now = size, clock.now().replace(minute=0, second=0, microsecond=0)
        self.tables = Tables()
        self.staff = _Staff()
        self.phrases = {language: Phrases(language, size.seed) for language in LANGUAGES}
        self.prompts = {language: _standard_prompts(language) for language in LANGUAGES}
        self.courses: dict[tuple[int, str], int] = {}
        self.password = make_password(None)
        self.kind = kind_named(Month.SPACE_KIND)

    def run(self, report: Callable[[str], object]) -> None:
        """Write everything."""
        self._institutes()
        for number in range(self.size.spaces):
            self._space(number)
            if (number + 1) % SPACES_PER_TRANSACTION == 0:
                bulk_rows.write_all(self.tables.all)
            if (number + 1) % 50 == 0:
                report(f"{number + 1} spaces")
        self._bells_of_trainers()
        bulk_rows.write_all(self.tables.all)
        bulk_rows.finish(self.tables.all)
        search_index.sweep()

    def _person(
        self, address: str, language: str, occupation: str, chance: random.Random, *, joined: bool = True
    ) -> int:
        zone, since = self.phrases[language].zone, self.now - 400 * DAY
        pk = self.tables.user.add(
            self.phrases[language].name(chance),
            address,
            self.password,
            language,
            zone,
            since,
            since + DAY if joined else None,
            occupation,
        )
        if joined:
            self.tables.address.add(pk, address, True, True)
        return pk

    def _institutes(self) -> None:
        since, chance = self.now - 400 * DAY, random.Random(f"{self.size.seed}:staff")

        def employ(name: str) -> int:
            return self._person(f"{name}@{DOMAIN}", "hu", Occupation.TEACHER_CENTRE, chance)

        self.staff.opener, overseer, evaluator = (
            employ("coordinator"),
            employ("overseer"),
            employ("evaluator"),
        )
        for number in range(self.size.institutes):
            language = LANGUAGES[number % len(LANGUAGES)]
            title = self.phrases[language].title(number)
            zone = self.phrases[language].zone
            pk = self.tables.institute.add(
                f"{title[:120]} {number + 1}", f"institute-{number}", COUNTRIES[language], language, zone
            )
            own = self._person(f"coordinator-{number}@{DOMAIN}", language, Occupation.TEACHER_CENTRE, chance)
            self.staff.coordinators.append(own)
            for user in (self.staff.opener, overseer, own):
                self.tables.staff.add(pk, user, Staff.Role.COORDINATOR, since)
            self.tables.staff.add(pk, evaluator, Staff.Role.EVALUATOR, since)

    def _course(self, institute: int, language: str, number: int) -> int:
        """The course of an institute in a language."""
        if (institute, language) not in self.courses:
            phrases, since = self.phrases[language], self.now - 400 * DAY
            course = self.tables.course.add(
                institute + 1,
                f"{phrases.title(number)} {number + 1}",
                f"course-{number}",
                language,
                phrases.paragraph(number).text,
                phrases.title(number + 1),
                FOLLOW_UP_MONTHS,
                since,
                since + DAY,
            )
            for position in range(4):
                self.tables.module.add(course, position, phrases.title(number + position), 10)
            self.courses[institute, language] = course
        return self.courses[institute, language]

    def _space(self, number: int) -> None:
        language = LANGUAGES[number % len(LANGUAGES)]
        phrases, chance = self.phrases[language], random.Random(f"{self.size.seed}:{number}")
        institute = number % self.size.institutes
        course = self._course(institute, language, number)
        first, after = (self.size.people * each // self.size.spaces for each in (number, number + 1))
        opened_on = dates.day_in(self.now - DAYS_OPEN * DAY, phrases.zone)
        last_day = dates.day_in(self.now + (20 + number * 7 % 60) * DAY, phrases.zone)
        opened_at = dates.morning_of(opened_on, phrases.zone)
        closes_at = dates.closes_at(last_day, phrases.zone)
        activity = ACTIVITIES[number % len(ACTIVITIES)]
        messages = self.size.huge_room if number in HUGE_ROOMS else activity.messages
        title = f"{phrases.title(number)} {number + 1}"
        room = self.tables.room.add(messages, closes_at)
        pk = self.tables.space.add(
            Month.SPACE_KIND, institute + 1, room, title, language, opened_at, closes_at, phrases.zone
        )
        opener = self.staff.opener
        month = self.tables.month.add(pk, course, opened_on, Month.OpenedBy.IMPORT, opener)
        members = [
            self._person(
                member_address(number, member),
                language,
                Occupation.TEACHER,
                chance,
                joined=has_joined(member),
            )
            for member in range(after - first)
        ]
        space = SpaceRows(
            number=number,
            pk=pk,
            room=room,
            month=month,
            title=title,
            opened_at=opened_at,
            members=members,
            trainer=self._trainer(number, language, chance),
            coordinators=[opener, self.staff.coordinators[institute]],
            activity=activity,
            messages=messages,
        )
        self._group(space, course, opened_on, phrases, chance)
        self._calendar(space, opened_on, last_day, phrases)
        self._memberships(space, chance)
        PostsOfSpace(self.tables, space, phrases, chance, self.now).write()

    def _trainer(self, number: int, language: str, chance: random.Random) -> int:
        address = trainer_address(number)
        if address not in self.staff.trainers:
            self.staff.trainers[address] = self._person(address, language, Occupation.TRAINER, chance)
        return self.staff.trainers[address]

    def _bells_of_trainers(self) -> None:
        for user, news in self.tables.news_of_trainers.items():
            bell = self.tables.bell.add(user, len(news))
            for number, notification in enumerate(news, start=1):
                self.tables.bell_entry.add(bell, number, BellEntry.Kind.NEW, notification)

    def _group(
        self, space: SpaceRows, course: int, opened_on: dt.date, phrases: Phrases, chance: random.Random
    ) -> None:
        """The course group, and who completed it by a list."""
        opener, opened_at, total = self.staff.opener, space.opened_at, len(space.members)
        tables, ended_on = self.tables, opened_on - DAY
        run = tables.run.add(
            course, ended_on - 4 * DAY, ended_on, "", f"{space.number + 1}", opened_at, opener
        )
        tables.run_trainer.add(run, space.trainer)
        tables.month_run.add(space.month, run)
        for number in range(3):
            link = f"https://{DOMAIN}/{run}/{number}"
            tables.material.add(run, phrases.title(number), link, opened_at - DAY, space.trainer)
        batch = tables.batch.add(
            run,
            CompletionBatch.Source.FILE,
            opener,
            opened_at,
            f"group-{space.number + 1}.csv",
            opened_at,
            total,
            total,
            ["email", "name"],
            opened_at,
            True,
        )
        for member, user in enumerate(space.members):
            tables.enrolment.add(run, user, opened_at - 5 * DAY, ended_on, opened_at, opener, batch)
            tables.completion.add(batch, user, True, True, True)
            if not has_joined(member):
                tables.invitation.add(
                    user,
                    member_address(space.number, member),
                    space.title[:200],
                    f"/spaces/{space.pk}/",
                    opener,
                    opened_at,
                    self.now + 20 * DAY,
                )

    def _calendar(self, space: SpaceRows, opened_on: dt.date, last_day: dt.date, phrases: Phrases) -> None:
        """Prompts, occasions and live hours; the past ones are done."""
        tables, texts, zone = self.tables, self.prompts[phrases.language], phrases.zone

        def occur(kind: str, position: int, due_at: dt.datetime) -> None:
            done_at = due_at if due_at <= self.now else None
            tables.occasion.add(space.month, kind, position, due_at, done_at)

        days = dates.prompt_days(opened_on, last_day, len(texts))
        for position, (day, text) in enumerate(zip(days, texts, strict=True)):
            tables.prompt.add(space.month, position, day, text.step, text.title, text.text)
            if position:
                occur(Occasion.Kind.PROMPT, position, dates.morning_of(day, zone))
        occur(Occasion.Kind.WEEK_BEFORE, 0, dates.morning_of(last_day - 7 * DAY, zone))
        occur(Occasion.Kind.DAY_BEFORE, 0, dates.morning_of(last_day - DAY, zone))
        occur(Occasion.Kind.CLOSED, 0, dates.closes_at(last_day, zone))
        for number in range(24):
            starts_at = space.opened_at + (14 * number + 2) * DAY + 9 * HOUR
            if (past := starts_at < self.now - DAY) or number % 2:
                done = (starts_at - HOUR, starts_at, starts_at + HOUR) if past else (None, None, None)
                title = phrases.title(number)[:100]
                hours = (starts_at, starts_at + HOUR, space.opened_at + number * DAY)
                tables.live_hour.add(space.month, title, *hours, space.trainer, *done)

    def _memberships(self, space: SpaceRows, chance: random.Random) -> None:
        roles = dict.fromkeys(space.coordinators, SpaceRole.COORDINATOR)
        roles |= {space.trainer: SpaceRole.TRAINER}
        roles |= dict.fromkeys(space.members, SpaceRole.PARTICIPANT)
        reads_all = {space.trainer, *space.coordinators, *space.members[:1]}
        absent = {user for member, user in enumerate(space.members) if not has_come(member)}
        for user, role in roles.items():
            opened_at, last = space.opened_at, space.messages
            came_in_at = None if user in absent else opened_at + DAY
            read = last if user in reads_all else max(0, last - chance.randrange(30))
            keeps_order = Right.KEEP_ORDER in self.kind.role(role).rights
            self.tables.membership.add(space.pk, user, role, opened_at, self.staff.opener, came_in_at)
            self.tables.room_member.add(
                space.room, user, role, keeps_order, opened_at, 0 if user in absent else read
            )
        for member, user in enumerate(space.members[3::4]):
            step = Step.values[member % len(Step.values)]
            sentence = self.phrases[LANGUAGES[space.number % len(LANGUAGES)]].title(member)
            self.tables.step.add(space.month, user, step, sentence, member % 2 == 0, opened_at + 30 * DAY)


def _standard_prompts(language: str) -> list[prompts.PromptText]:
    with translation.override(language):
        return prompts.standard()
