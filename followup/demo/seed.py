"""Seeds the demo: every fixture goes through the same actions as a user's click, at its own time.

So memberships, read marks, answers and mails are as in real use. No rule is repeated here.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from common import clock
from common.access import SYSTEM
from community.institutes.models import Institute, Staff
from community.people.models import User
from community.practices import actions as practices
from community.practices.models import Practice
from community.spaces.models import Space
from community.spaces.permissions import clear_standing
from community.threads import actions as threads
from community.threads import saving_from_room
from community.threads.models import Thread
from followup.completions import actions as completions
from followup.courses import actions as courses
from followup.courses import run_actions
from followup.courses.models import Course, Enrolment, RunTrainer
from followup.courses.models import Run as RunRow
from followup.demo import fixtures, read_marks
from followup.demo.days import Days, days_of, in_order
from followup.live_hours import actions as live_hours
from followup.live_hours.jobs import sweep_live_hours
from followup.materials.actions import add_material
from followup.months import actions as months
from followup.months import jobs
from followup.months.models import Month, Occasion
from followup.steps import actions as steps
from messaging.chat import actions as chat
from messaging.chat.reactions import react

HOUR = dt.timedelta(hours=1)
REACTION_INTERVAL = dt.timedelta(minutes=2)
"""The time between a message and its first reaction, and between reactions."""
TimedAction = tuple[dt.datetime, Callable[[], Any]]


@transaction.atomic
def seed() -> None:
    """Create the programmes as of now. The database must be empty."""
    now = clock.now()
    for programme in fixtures.programmes():
        _Seeding(programme, now).run()
    _do_past_occasions(now)
    read_marks.mark_news(now)


def _do_past_occasions(now: dt.datetime) -> None:
    """Do the occasions of the past, each on its day."""
    due = Occasion.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
    for moment in list(due.values_list("due_at", flat=True).distinct()):
        with clock.at(moment):
            jobs.sweep_occasions()


class _Seeding:
    """Creates the rows of one programme."""

    def __init__(self, programme: fixtures.Programme, now: dt.datetime) -> None:
        self.programme, self.now = programme, now
        self.courses: dict[str, Course] = {}

    def run(self) -> None:
        self.institute = Institute.objects.create(**vars(self.programme.institute))
        self.people = {person.key: self._person(person) for person in self.programme.people}
        for person in self.programme.people:
            if person.role in Staff.Role.values:
                Staff.objects.create(institute=self.institute, user=self.people[person.key], role=person.role)
        self.coordinator = self.people[
            next(person.key for person in self.programme.people if person.role == "coordinator")
        ]
        plans = [(run, self._days(run)) for run in self.programme.runs]
        first = min(days.starts_on for _, days in plans)
        with clock.at(clock.start_of_day(first - dt.timedelta(days=60), self.institute.time_zone)):
            for course in self.programme.courses:
                self.courses[course.key] = self._course(course)
        for run, days in plans:
            self._run(run, days)

    def _person(self, person: fixtures.Person) -> User:
        address = self.programme.address(person.key)
        user = User.objects.create_user(
            person.name,
            address,
            preferred_name=person.preferred_name,
            occupation=person.occupation,
            language=self.institute.language,
            time_zone=self.institute.time_zone,
            created_at=self.now,
            joined_at=self.now - dt.timedelta(days=200),
        )
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        return user

    def _course(self, course: fixtures.Course) -> Course:
        created = courses.create_course(
            institute=self.institute,
            by=self.coordinator,
            fields={
                "title": course.title,
                "slug": course.slug,
                "language": self.institute.language,
                "aim": course.aim,
                "audience": course.audience,
                "accrediting_body": course.accredited_by,
                "accredited_on": course.accredited_on,
                "accreditation_number": course.accreditation_number,
                "follow_up_months": course.months,
                "sharing_guide": course.sharing_guide,
            },
            modules=[vars(module) for module in course.modules],
            prompts=[vars(prompt) for prompt in course.prompts],
        )
        return courses.publish_course(course=created, by=self.coordinator)

    def _days(self, run: fixtures.Run) -> Days:
        course = next(course for course in self.programme.courses if course.key == run.course)
        return days_of(run, course, self.programme, self.now)

    def _run(self, run: fixtures.Run, days: Days) -> None:
        with clock.at(clock.start_of_day(days.starts_on - dt.timedelta(days=30), days.zone) + 9 * HOUR):
            row = run_actions.create_run(
                course=self.courses[run.course],
                by=self.coordinator,
                starts_on=days.starts_on,
                ends_on=days.ends_on,
                place=run.place,
                label=run.name,
            )
            # Rows and no invitations: they have accounts, so the institute would ask each of them first.
            for key in run.trainers:
                RunTrainer.objects.create(run=row, user=self.people[key])
            for key in [*run.participants, *run.awaiting, *run.enrolled]:
                Enrolment.objects.create(run=row, user=self.people[key])
            for material in run.materials:
                self._material(row, material, self.people[run.trainers[0]])
        if run.ends_in_days is None:
            self._month(run, row, days)

    def _month(self, run: fixtures.Run, row: RunRow, days: Days) -> None:
        with clock.at(days.opening):
            month = self._open(run, row, days)
        space = month.space
        actions = [action for thread in run.threads for action in self._thread(space, thread, days)]
        actions += [action for practice in run.practices for action in self._practice(space, practice, days)]
        actions += [self._reported_step(month, step, days) for step in run.reported_steps]
        actions += [action for hour in run.hours for action in self._hour(month, hour, days)]
        actions += self._room(space, run.room, days)
        actions.sort(key=lambda action: action[0])
        for moment, (_, do) in zip(
            in_order([action[0] for action in actions], self.now), actions, strict=True
        ):
            with clock.at(moment):
                do()
        read_marks.mark(space, days, self._absent(run), self.now)

    def _open(self, run: fixtures.Run, row: RunRow, days: Days) -> Month:
        """Open the month by its first completions, or by date with completions still missing."""
        completed = row.enrolments.filter(user__in=[self.people[key] for key in run.participants])
        by_date = run.opened_by == Month.OpenedBy.DATE
        if by_date:
            months.open_month(run=row, how=Month.OpenedBy.DATE, by=SYSTEM)
        with clock.at(days.opening + 5 * HOUR * by_date):
            batch = completions.select_by_hand(
                run=row, by=self.coordinator, enrolments=completed, completed_on=row.ends_on
            )
            completions.apply(batch=batch, by=self.coordinator, seconds=None)
        return Month.objects.select_related("space").get(month_runs__run=row)

    def _material(self, row: RunRow, material: fixtures.Material, by: User) -> None:
        upload = SimpleUploadedFile(material.file, f"{material.text}\n".encode()) if material.file else None
        add_material(run=row, title=material.title, link=material.url, upload=upload, by=by)

    def _thread(self, space: Space, thread: fixtures.Thread, days: Days) -> list[TimedAction]:
        created: list[Thread] = []

        def start() -> None:
            created.append(
                threads.start_thread(
                    space=_fresh(space),
                    author=self._user(thread.by),
                    kind=Thread.Kind.QUESTION if thread.question else Thread.Kind.CONVERSATION,
                    audience=thread.audience,
                    title=thread.title,
                    text=thread.text,
                    client_id=uuid.uuid4(),
                )
            )
            if thread.pinned:
                threads.pin(thread=created[0], by=self._user(thread.by))

        def answer(reply: fixtures.Reply) -> Callable[[], None]:
            def post() -> None:
                posted = threads.post_reply(
                    thread=created[0],
                    author=self._user(reply.by),
                    text=reply.text,
                    tried=reply.tried,
                    client_id=uuid.uuid4(),
                )
                if reply.answer:
                    threads.accept_answer(reply=posted, by=self._user(thread.by))

            return post

        return [(days.of(thread), start), *((days.of(one), answer(one)) for one in thread.replies)]

    def _practice(self, space: Space, practice: fixtures.Practice, days: Days) -> list[TimedAction]:
        created: list[Practice] = []

        def publish(written: fixtures.TryOut, setting: str = "") -> Callable[[], None]:
            def post() -> None:
                created.append(
                    practices.publish_practice(
                        space=_fresh(space),
                        author=self._user(written.by),
                        fields=practices.PracticeText(
                            title=written.title,
                            setting=setting,
                            context=written.context,
                            tried=written.tried,
                            happened=written.happened,
                            change=written.change,
                        ),
                        builds_on=created[0] if created else None,
                        client_id=uuid.uuid4(),
                    )
                )

            return post

        first = (days.of(practice), publish(practice, practice.setting))
        return [first, *((days.of(one), publish(one)) for one in practice.tryouts)]

    def _reported_step(self, month: Month, reported: fixtures.ReportedStep, days: Days) -> TimedAction:
        def report() -> None:
            steps.report_step(
                month=month,
                user=self._user(reported.by),
                step=reported.step,
                sentence=reported.sentence,
                trainer_only=reported.trainer_only,
            )

        return days.of(reported), report

    def _hour(self, month: Month, hour: fixtures.Hour, days: Days) -> list[TimedAction]:
        starts_at, ends_at = (
            days.moment(hour.on, dt.time.fromisoformat(at)) for at in (hour.starts, hour.ends)
        )

        def announce() -> None:
            live_hours.announce(
                month=month,
                title=hour.title,
                starts_at=starts_at,
                ends_at=ends_at,
                by=self._user(hour.by),
            )

        reminder = starts_at - live_hours.REMINDER_LEAD
        due = [(moment, sweep_live_hours) for moment in (reminder, starts_at) if moment < self.now]
        return [(days.of(hour), announce), *due]

    def _room(self, space: Space, room: list[fixtures.RoomMessage], days: Days) -> list[TimedAction]:
        numbers: dict[int, int] = {}
        return [
            action
            for index, message in enumerate(room)
            for action in self._message(space, message, index, numbers, days)
        ]

    def _message(
        self, space: Space, message: fixtures.RoomMessage, index: int, numbers: dict[int, int], days: Days
    ) -> list[TimedAction]:
        def post() -> None:
            numbers[index] = chat.post_message(
                room=space.room,
                author=self._user(message.by),
                text=message.text,
                client_id=uuid.uuid4(),
                re=numbers[index - message.re] if message.re else None,
            ).number

        def keep() -> None:
            saving_from_room.keep_as_answer(
                thread=Thread.objects.select_related("space__institute").get(
                    space=space, title=message.answers
                ),
                numbers=[numbers[index]],
                by=self._user(message.by),
                client_id=uuid.uuid4(),
            )

        def give(mark: str, key: str) -> None:
            react(
                room=space.room,
                number=numbers[index],
                by=self._user(key),
                mark=mark,
                on=True,
                client_id=uuid.uuid4(),
            )

        moment = days.of(message)
        marks: list[TimedAction] = [
            (moment + (count + 1) * REACTION_INTERVAL, partial(give, *mark.split()))
            for count, mark in enumerate(message.marks)
        ]
        kept: list[TimedAction] = [(moment + HOUR, keep)] if message.answers else []
        return [(moment, post), *marks, *kept]

    def _absent(self, run: fixtures.Run) -> set[int]:
        return {self.people[key].pk for key in run.not_yet_in}

    def _user(self, key: str) -> User:
        user = self.people[key]
        clear_standing(user)
        return user


def _fresh(space: Space) -> Space:
    # Its end may have moved since it was loaded.
    return Space.objects.get(pk=space.pk)
