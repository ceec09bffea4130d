"""Seeds the demo: every fixture goes through the same actions as a user's click, at its own time.

So memberships, read marks, answers and mails are as in real use. No rule is repeated here.
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
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
from community.practices.comment_actions import post_comment
from community.practices.models import Practice
from community.spaces import actions as spaces
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
from followup.demo.attachments import Attachments
from followup.demo.days import Days, days_of, in_order
from followup.demo.talk import Talk
from followup.live_hours import actions as live_hours
from followup.live_hours.jobs import sweep_live_hours
from followup.materials.actions import add_material
from followup.months import actions as months
from followup.months import jobs as months_jobs
from followup.months.models import Month
from followup.steps import actions as steps
from messaging.files.actions import Attached

HOUR = dt.timedelta(hours=1)
TimedAction = tuple[dt.datetime, Callable[[], Any]]


@transaction.atomic
def seed() -> None:
    """Create the programmes as of now. The database must be empty."""
    now = clock.now()
    timeline = _Timeline(now)
    seedings = [_Seeding(programme, timeline) for programme in fixtures.programmes()]
    for seeding in seedings:
        seeding.prepare()
    timeline.run()
    for seeding in seedings:
        seeding.finish()
    read_marks.mark_news(now)
    timeline.attachments.close()


class _Timeline:
    """What happened in all programmes, done in the order of time: so are everybody's news and mails."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.attachments = Attachments()
        self._actions: list[TimedAction] = []
        self._due: list[dt.datetime] = []

    def add(self, actions: list[TimedAction]) -> None:
        """Add actions; those of the future are done just before now."""
        self._actions += actions

    def expect_occasions(self, month: Month) -> None:
        """Do what falls due in this month until now, each on its day."""
        due = month.occasions.filter(done_at=None, due_at__lte=self.now).values_list("due_at", flat=True)
        for moment in due:
            heapq.heappush(self._due, moment)

    def run(self) -> None:
        """Do everything."""
        actions = sorted(self._actions, key=lambda action: action[0])
        moments = in_order([moment for moment, _ in actions], self.now)
        for moment, (_, do) in zip(moments, actions, strict=True):
            self._do_occasions(moment)
            with clock.at(moment):
                do()
        self._do_occasions(self.now)

    def _do_occasions(self, until: dt.datetime) -> None:
        while self._due and self._due[0] <= until:
            moment = heapq.heappop(self._due)
            with clock.at(moment):
                months_jobs.sweep_occasions()
            while self._due and self._due[0] == moment:
                heapq.heappop(self._due)


@dataclass
class _Group:
    """A course group with its month, once that has opened."""

    run: fixtures.Run
    row: RunRow
    days: Days
    talk: Talk
    month: Month | None = None

    @property
    def opened(self) -> Month:
        """Its month, which has opened."""
        assert self.month is not None
        return self.month

    @property
    def space(self) -> Space:
        """Its space as it is now: its end may have moved."""
        return Space.objects.get(pk=self.opened.space_id)


class _Seeding:
    """Creates the rows of one programme."""

    def __init__(self, programme: fixtures.Programme, timeline: _Timeline) -> None:
        self.programme, self.timeline, self.now = programme, timeline, timeline.now
        self.courses: dict[str, Course] = {}
        self.groups: list[_Group] = []

    def prepare(self) -> None:
        """Create the institute, its people, courses and course groups, and plan what happened in them."""
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

    def finish(self) -> None:
        """Write the reactions, and mark what the members have read."""
        for group in self.groups:
            group.talk.write_reactions()
            absent = {self.people[key].pk for key in group.run.not_yet_in}
            read_marks.mark(group.space, group.days, absent, self.now)

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
            moments = [days.of_message(message) for message in run.room]
            self._month(
                _Group(run, row, days, Talk(run.room, moments, self.people, self.timeline.attachments))
            )

    def _month(self, group: _Group) -> None:
        self.groups.append(group)
        run, days = group.run, group.days
        actions: list[TimedAction] = [(days.opening, partial(self._open, group))]
        for thread in run.threads:
            actions += self._thread(group, thread)
        for practice in run.practices:
            actions += self._practice(group, practice)
        beside = [action for hour in run.hours for action in self._hour(group, hour)]
        beside += [(days.of(one), partial(self._extend, group, one)) for one in run.extensions]
        actions += [*beside, *self._chat(group, [moment for moment, _ in beside])]
        actions += [(days.of(step), partial(self._report, group, step)) for step in run.reported_steps]
        self.timeline.add(actions)

    def _open(self, group: _Group) -> None:
        """Open the month by its first completions, or by date with completions still missing."""
        run, row = group.run, group.row
        completed = row.enrolments.filter(user__in=[self.people[key] for key in run.participants])
        by_date = run.opened_by == Month.OpenedBy.DATE
        if by_date:
            months.open_month(run=row, how=Month.OpenedBy.DATE, by=SYSTEM)
        with clock.at(group.days.opening + 5 * HOUR * by_date):
            batch = completions.select_by_hand(
                run=row, by=self.coordinator, enrolments=completed, completed_on=row.ends_on
            )
            completions.apply(batch=batch, by=self.coordinator, seconds=None)
        group.month = Month.objects.get(month_runs__run=row)
        if any(self.people[message.by] == self.coordinator for message in run.room):
            spaces.admit_writing_staff(space=group.space, user=self.coordinator)
        self.timeline.expect_occasions(group.opened)

    def _material(self, row: RunRow, material: fixtures.Material, by: User) -> None:
        name = material.file.rpartition("/")[2]
        upload = SimpleUploadedFile(name, material.content) if name else None
        add_material(run=row, title=material.title, link=material.url, upload=upload, by=by)

    def _thread(self, group: _Group, thread: fixtures.Thread) -> list[TimedAction]:
        created: list[Thread] = []

        def start() -> None:
            created.append(
                threads.start_thread(
                    space=group.space,
                    author=self._user(thread.by),
                    kind=Thread.Kind.QUESTION if thread.question else Thread.Kind.CONVERSATION,
                    audience=thread.audience,
                    title=thread.title,
                    text=thread.text,
                    client_id=uuid.uuid4(),
                    files=self._files(thread),
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
                    files=self._files(reply),
                )
                if reply.answer:
                    threads.accept_answer(reply=posted, by=self._user(thread.by))

            return post

        days = group.days
        return [(days.of(thread), start), *((days.of(one), answer(one)) for one in thread.replies)]

    def _practice(self, group: _Group, practice: fixtures.Practice) -> list[TimedAction]:
        created: list[Practice] = []

        def publish(written: fixtures.TryOut, **more: Any) -> Callable[[], None]:
            def post() -> None:
                created.append(
                    practices.publish_practice(
                        space=group.space,
                        author=self._user(written.by),
                        fields=practices.PracticeText(
                            title=written.title,
                            context=written.context,
                            tried=written.tried,
                            happened=written.happened,
                            change=written.change,
                            outcome=written.outcome,
                            **self.institute.terms._asdict(),
                            **more,
                        ),
                        builds_on=created[0] if created else None,
                        client_id=uuid.uuid4(),
                        files=self._files(written),
                    )
                )

            return post

        def comment(written: fixtures.Comment) -> Callable[[], None]:
            def post() -> None:
                post_comment(
                    practice=created[0],
                    author=self._user(written.by),
                    text=written.text,
                    asks=written.asks,
                    answers=written.answers,
                    client_id=uuid.uuid4(),
                    files=self._files(written),
                )

            return post

        days = group.days
        facts = asdict(practice.facts)
        first = (days.of(practice), publish(practice, setting=practice.setting, **facts))
        tryouts = [(days.of(one), publish(one)) for one in practice.tryouts]
        return [first, *tryouts, *((days.of(one), comment(one)) for one in practice.comments)]

    def _report(self, group: _Group, reported: fixtures.ReportedStep) -> None:
        steps.report_step(
            month=group.opened,
            user=self._user(reported.by),
            step=reported.step,
            sentence=reported.sentence,
            trainer_only=reported.trainer_only,
        )

    def _extend(self, group: _Group, extension: fixtures.Extension) -> None:
        months.extend(
            month=group.opened,
            last_day=group.space.last_day + dt.timedelta(days=extension.days),
            reason=extension.reason,
            stays=True,
            by=self._user(extension.by),
        )
        self.timeline.expect_occasions(group.opened)

    def _hour(self, group: _Group, hour: fixtures.Hour) -> list[TimedAction]:
        starts_at, ends_at = group.days.of_hour(hour)

        def announce() -> None:
            live_hours.announce(
                month=group.opened,
                title=hour.title,
                starts_at=starts_at,
                ends_at=ends_at,
                by=self._user(hour.by),
            )

        reminder = starts_at - live_hours.REMINDER_LEAD
        due = [(moment, sweep_live_hours) for moment in (reminder, starts_at) if moment < self.now]
        return [(group.days.of(hour), announce), *due]

    def _chat(self, group: _Group, breaks: list[dt.datetime]) -> list[TimedAction]:
        """What was said between these moments, at which the log has other entries or is read."""
        talk = group.talk
        kept = {
            place: talk.moments[place] + HOUR for place, message in enumerate(talk.room) if message.answers
        }
        written = talk.stretches([*breaks, *kept.values()])
        return [
            *((moment, partial(self._say, group, places)) for moment, places in written),
            *((moment, partial(self._keep, group, place)) for place, moment in kept.items()),
        ]

    def _say(self, group: _Group, places: list[int]) -> None:
        group.talk.write(group.opened.space.room, places)

    def _keep(self, group: _Group, place: int) -> None:
        message = group.talk.room[place]
        saving_from_room.keep_as_answer(
            thread=Thread.objects.select_related("space__institute").get(
                space=group.opened.space_id, title=message.answers
            ),
            numbers=[group.talk.entries[place].number],
            by=self._user(message.by),
            client_id=uuid.uuid4(),
        )

    def _files(self, written: fixtures.Post) -> Attached:
        return self.timeline.attachments.receive(written.files, self.people[written.by])

    def _user(self, key: str) -> User:
        user = self.people[key]
        clear_standing(user)
        return user
