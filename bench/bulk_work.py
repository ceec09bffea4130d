"""The bulk work that `bulk` measures. Runs in `manage.py shell` of a new installation."""

import datetime as dt
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import usage

if TYPE_CHECKING:
    from followup.courses.models import Course, Run

BATCH = 2_000
WARM_UP = 60
"""Rows, months or readers before the measurement, so that what is loaded once counts for nothing."""
PEOPLE_PER_MONTH, NEWS_PER_READER = 30, 3
LANGUAGES = ("en", "hu", "lt", "pl", "ru")
Work = dict[str, float]


def run(file: str, *, rows: int, months: int, readers: int) -> None:
    """Do all of it, and write what it took to a file."""
    took = {"import": imported(rows), "openings": opened(months), "digests": digested(readers)}
    Path(file).write_text(json.dumps(took))


@contextmanager
def measured(work: Work) -> Iterator[None]:
    """Fill in seconds, processor seconds, statements, and by how much the memory grew."""
    from django.db import connection

    count = 0

    def counting(execute: Callable[..., Any], *about: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*about)

    pid = os.getpid()
    memory, processor, started = usage.memory_mib(pid), time.process_time(), time.monotonic()
    with connection.execute_wrapper(counting):
        yield
    work["seconds"] = time.monotonic() - started
    work["processor"] = time.process_time() - processor
    work["statements"] = count
    work["growth"] = usage.memory_mib(pid) - memory
    work["memory"] = usage.memory_mib(pid)


def imported(rows: int) -> Work:
    """Apply a list of new people by the jobs, the month opened by its first row."""
    from common import clock
    from common.access import SYSTEM
    from followup.completions import actions, jobs
    from followup.courses.models import CompletionBatch

    def bring(count: int, name: str) -> CompletionBatch:
        lines = (
            f"{name}{number}@school{number % 500}.example,Person {number} of {name},"
            f"{LANGUAGES[number % len(LANGUAGES)]}\n"
            for number in range(count)
        )
        raw = ("email,name,language\n" + "".join(lines)).encode()
        day = clock.today("Europe/Budapest")
        run = _run(_course(), day)
        return actions.upload(
            run=run, by=SYSTEM, raw=raw, file_name="list.csv", source=CompletionBatch.Source.FILE
        )

    def do(batch: CompletionBatch) -> None:
        actions.start(batch=batch, by=SYSTEM)
        while jobs.sweep_batches():
            pass
        batch.refresh_from_db()
        assert batch.applied_at is not None
        assert batch.entries.count() == batch.rows_total

    do(bring(WARM_UP, "warm"))
    batch, work = bring(rows, "p"), Work()
    with measured(work):
        do(batch)
    return work


def opened(months: int) -> Work:
    """Open months by date, each with people who await their confirmation."""
    from common import clock
    from community.people.models import User
    from followup.courses.models import Enrolment
    from followup.months import jobs
    from followup.months.models import Month

    def prepare(count: int) -> None:
        yesterday = clock.today("Europe/Budapest") - dt.timedelta(days=1)
        course = _course()
        for number in range(count):
            run = _run(course, yesterday)
            users = User.objects.bulk_create(
                User(
                    name=f"Enrolled {number} {each}",
                    email=f"enrolled{number}.{each}.{course.pk}@school.example",
                    language=LANGUAGES[each % len(LANGUAGES)],
                    time_zone="Europe/Budapest",
                    joined_at=clock.now() if each % 2 else None,
                )
                for each in range(PEOPLE_PER_MONTH)
            )
            Enrolment.objects.bulk_create(Enrolment(run=run, user=user) for user in users)

    def do(count: int) -> None:
        before = Month.objects.count()
        while jobs.sweep_openings():
            pass
        assert Month.objects.count() == before + count

    prepare(1)
    do(1)
    prepare(months)
    work = Work()
    with measured(work):
        do(months)
    return work


def digested(readers: int) -> Work:
    """Write digests about conversations in the readers' spaces."""
    from common import clock
    from community.people.models import User
    from community.spaces.models import Membership
    from community.threads.models import Thread
    from messaging.notifications import digests
    from messaging.notifications.models import Bell, Mail, Notification

    moment = dt.datetime.combine(clock.today("UTC"), dt.time(23, 30), dt.UTC)

    User.objects.filter(joined_at=None).update(joined_at=moment - dt.timedelta(days=1))
    Notification.objects.all().delete()

    def prepare(first: int, count: int) -> None:
        current = Membership.objects.current().select_related("space", "user")
        # The newest are in spaces of thirty, the oldest in one of thousands.
        members = list(current.order_by("-pk")[first : first + count])
        threads: dict[int, list[Thread]] = {}
        for member in members:
            if member.space_id not in threads:
                threads[member.space_id] = [
                    Thread.objects.create(
                        space=member.space,
                        author=member.user,
                        title=f"What I tried, {number}",
                        language=member.space.language,
                    )
                    for number in range(NEWS_PER_READER)
                ]
        bells = [Bell(user=member.user) for member in members]
        Bell.objects.bulk_create(bells, batch_size=BATCH, ignore_conflicts=True)
        news = [
            Notification(
                user=member.user,
                key=f"bench:{thread.pk}:{member.user_id}",
                kind="reply",
                thing_kind="thread",
                thing_id=thread.pk,
                scope=member.space.scope,
                path=f"/threads/{thread.pk}/",
                context={"title": thread.title, "space": member.space.title},
                by=thread.author,
                created_at=moment - dt.timedelta(hours=12),
                mail_due_at=moment - dt.timedelta(hours=6),
            )
            for member in members
            for thread in threads[member.space_id]
        ]
        Notification.objects.bulk_create(news, batch_size=BATCH)

    def do(count: int) -> None:
        before = Mail.objects.filter(kind="news").count()
        with clock.at(moment):
            while digests.sweep_digests():
                pass
        written = Mail.objects.filter(kind="news").count() - before
        assert written == count, written

    prepare(0, WARM_UP)
    do(WARM_UP)
    prepare(WARM_UP, readers)
    work = Work()
    with measured(work):
        do(readers)
    return work


def _course() -> "Course":
    from community.institutes.models import Institute
    from followup.courses.models import Course

    number = Institute.objects.count()
    institute = Institute.objects.create(
        name=f"Institute {number}", slug=f"institute-{number}", language="hu", time_zone="Europe/Budapest"
    )
    return Course.objects.create(
        institute=institute, title="Exit tickets", slug=f"exit-tickets-{number}", language="hu"
    )


def _run(course: "Course", day: dt.date) -> "Run":
    from followup.courses.models import Run

    return Run.objects.create(course=course, starts_on=day - dt.timedelta(days=3), ends_on=day)
