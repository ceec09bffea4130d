"""The cast: the test data that all tests share, with a user in each relation to a month.

An institute gave a course; the run ended twelve days ago and its month is open. Everybody is named by their
relation to that month.
"""

import datetime as dt
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Model

from common import clock
from community.institutes.models import Institute, Staff
from community.people.models import User
from community.spaces.actions import move_end
from community.spaces.kinds import Right, kind_of
from community.spaces.models import Membership, Space
from followup.courses.models import Course, Enrolment, Module, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.months.models import Month, MonthPrompt, MonthRun
from messaging.models import Room, RoomMember

ZONE = "Europe/Budapest"


@dataclass
class Cast:
    """All users and objects of the test data."""

    institute: Institute
    other_institute: Institute
    course: Course
    run: Run
    space: Space
    month: Month
    stranger: User
    awaiting: User
    participant: User
    another_participant: User
    trainer: User
    coordinator: User
    other_coordinator: User
    evaluator: User
    moderator: User
    visitor: AnonymousUser

    def who(self, name: str) -> User | AnonymousUser:
        return getattr(self, name)


def person(name: str, **more: Any) -> User:
    """A user who has joined, with a verified address."""
    from allauth.account.models import EmailAddress

    local = name.lower().replace(" ", ".")
    local = local if local.isascii() else local.encode("punycode").decode().strip(".-")
    address = f"{local}@school.test"
    user = User.objects.create_user(
        name, address, joined_at=clock.now() - dt.timedelta(days=90), time_zone=ZONE, **more
    )
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def create_cast(opened_days_ago: int = 12) -> Cast:
    """Create the test data: a follow-up month opened twelve days ago, for a calendar month."""
    today = clock.today(ZONE)
    opened_on = today - dt.timedelta(days=opened_days_ago)
    opened_at = clock.start_of_day(opened_on, ZONE)
    institute = Institute.objects.create(
        name="Course Institute", slug="course-institute", country="HU", time_zone=ZONE
    )
    other = Institute.objects.create(
        name="Other Institute", slug="other-institute", country="PL", time_zone=ZONE
    )
    course = Course.objects.create(
        institute=institute,
        title="Formative assessment in practice",
        slug="formative-assessment",
        language="en",
        aim="To see what pupils learn while they learn it.",
        audience="Teachers of all subjects.",
        published_at=clock.now(),
    )
    Module.objects.create(course=course, position=1, title="Exit tickets", hours=10)
    run = Run.objects.create(
        course=course,
        starts_on=opened_on - dt.timedelta(days=3),
        ends_on=opened_on - dt.timedelta(days=1),
        place="Szeged",
        completed_at=opened_at,
    )
    last_day = opened_on + dt.timedelta(days=31)
    closes_at = clock.start_of_day(last_day + dt.timedelta(days=1), ZONE)
    space = Space.objects.create(
        kind=Month.SPACE_KIND,
        institute=institute,
        title=course.title,
        language="en",
        opened_at=opened_at,
        closes_at=closes_at,
        time_zone=ZONE,
        room=Room.objects.create(closes_at=closes_at),
    )
    month = Month.objects.create(
        space=space, course=course, opened_on=opened_on, opened_by=Month.OpenedBy.IMPORT
    )
    MonthRun.objects.create(month=month, run=run)
    for position, step in enumerate(["tried", "shared", "passed-on", "looked-back"]):
        MonthPrompt.objects.create(
            month=month,
            position=position,
            on=opened_on + dt.timedelta(days=7 * position),
            step=step,
            title=f"Week {position + 1}",
            text="Choose one thing and do it.",
        )
    cast = Cast(
        institute=institute,
        other_institute=other,
        course=course,
        run=run,
        space=space,
        month=month,
        stranger=person("Sara Stranger"),
        awaiting=person("Aron Awaiting"),
        participant=person("Petra Participant"),
        another_participant=person("Pal Participant"),
        trainer=person("Tamara Trainer"),
        coordinator=person("Cora Coordinator"),
        other_coordinator=person("Oscar Coordinator"),
        evaluator=person("Eva Evaluator"),
        moderator=person("Mora Moderator", is_moderator=True),
        visitor=AnonymousUser(),
    )
    RunTrainer.objects.create(run=run, user=cast.trainer)
    for user in (cast.participant, cast.another_participant):
        Enrolment.objects.create(
            run=run,
            user=user,
            completed_on=run.ends_on,
            completed_at=opened_at,
            enrolled_at=opened_at,
        )
        join(space, user)
    Enrolment.objects.create(run=run, user=cast.awaiting)
    join(space, cast.awaiting, awaiting_until=clock.now() + dt.timedelta(days=2))
    join(space, cast.trainer, role=SpaceRole.TRAINER)
    Staff.objects.create(institute=institute, user=cast.coordinator, role=Staff.Role.COORDINATOR)
    Staff.objects.create(institute=institute, user=cast.evaluator, role=Staff.Role.EVALUATOR)
    Staff.objects.create(institute=other, user=cast.other_coordinator, role=Staff.Role.COORDINATOR)
    return cast


class World:
    """The small world as rows: making it takes dozens of statements, laying these one for each table.

    `make` makes it, and returns what laying it gives: by default the cast.
    """

    def __init__(self, make: Callable[[], Any] = create_cast) -> None:
        self.day, self._make = clock.today(ZONE), make
        with transaction.atomic():
            empty = [model for model in apps.get_models() if not model._base_manager.exists()]
            if User not in empty:
                raise RuntimeError("Somebody is here already, and would be taken for one of the cast.")
            self._made = pickle.dumps(make())
            self._statements = [_laying(model) for model in empty if model._base_manager.exists()]
            transaction.set_rollback(True)

    def lay(self) -> Any:
        """Lay it, and give everybody as if they had just been made; where people are already, who may have
        the same numbers, make it."""
        if User.objects.exists():
            return self._make()
        # In one transaction, since rows point at tables that are laid later.
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, values in self._statements:
                cursor.execute(statement, values)
        return pickle.loads(self._made)


def _laying(model: type[Model]) -> tuple[str, list[Any]]:
    """What brings all rows of a table back as they are now."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        columns = [connection.ops.quote_name(each[0]) for each in cursor.description]
        rows = cursor.fetchall()
    row = f"({', '.join(['%s'] * len(columns))})"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * len(rows))}"
    return statement, [value for one in rows for value in one]


def join(space: Space, user: User, role: str = SpaceRole.PARTICIPANT, **more: object) -> Membership:
    """Put somebody into a space since its first minute."""
    membership = Membership.objects.create(
        space=space, user=user, role=role, admitted_at=space.opened_at, **more
    )
    RoomMember.objects.create(
        room=space.room,
        user=user,
        role=role,
        keeps_order=Right.KEEP_ORDER in kind_of(space).role(role).rights,
        until=membership.ends_at(space.closes_at),
        admitted_at=space.opened_at,
    )
    return membership


def close_now(space: Space) -> None:
    """Let the space's last moment be a minute ago."""
    move_end(space=space, closes_at=clock.now() - dt.timedelta(minutes=1))
