"""Months open, prompt, warn and close, while their jobs are killed. A program; it prints the result. Its
arguments are the seed, the number of months, and the kills at each of the moments when something is due.

A parent process forks workers that run sweeps like `manage.py jobs`, two at a time, and kills them by SIGKILL
at random moments. It never uses the database itself, so no connection is inherited.
"""

import datetime as dt
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from tests.waiting import PATIENCE_SECONDS

WORKERS = 2
LEASES_OVER_SECONDS = 6 * 60
"""Longer than a killed worker may have claimed a mail."""
ZONE = "Europe/Budapest"


def main() -> None:
    """Create the data, run a month of kills, and print the facts as JSON."""
    django.setup()
    seed, months, kills_a_burst = (int(argument) for argument in sys.argv[1:])
    random.seed(seed)
    in_a_child(lambda: lay(months))
    workers, kills, bursts = [fork(work) for _ in range(WORKERS)], 0, 0
    while True:
        kills += fire(workers, kills_a_burst)
        wait_for(lambda: in_a_child(count_due) == 0)
        # What killed workers had claimed is free again, before its reader may be out and it is cancelled.
        move_clock(LEASES_OVER_SECONDS)
        wait_for(lambda: in_a_child(count_due) == 0)
        bursts += 1
        following = in_a_child(seconds_to_next)
        if following is None:
            break
        move_clock(following + 60)
    # The last mails wait for the morning.
    move_clock(12 * 3600)
    wait_for(lambda: in_a_child(count_due) == 0)
    # What a worker has claimed is not due any more, and not sent yet.
    wait_for(lambda: in_a_child(count_unsent) == 0)
    for worker in workers:
        end(worker)
    sys.stdout.write(json.dumps({"kills": kills, "bursts": bursts, **in_a_child(facts)}))


def fire(workers: list[int], kills: int) -> int:
    """Kill one worker after another at random moments, and replace it."""
    for _ in range(kills):
        time.sleep(random.uniform(0.02, 0.2))
        index = random.randrange(len(workers))
        end(workers[index])
        workers[index] = fork(work)
    return kills


def end(worker: int) -> None:
    """SIGKILL: nothing of the worker's own runs any more."""
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)


def work() -> None:
    """What `manage.py jobs` does, without the pause between rounds."""
    from messaging.jobs import loop

    loop.run_forever(threading.Event(), interval=0.01)


def fork(job: Callable[[], object]) -> int:
    """Run a function in a process of its own."""
    child = os.fork()
    if child:
        return child
    try:
        job()
    finally:
        os._exit(0)


def in_a_child(ask: Callable[[], object]) -> Any:
    """The result of a function that may use the database."""
    reading, writing = os.pipe()
    child = fork(lambda: os.write(writing, json.dumps(ask()).encode()))
    os.close(writing)
    with os.fdopen(reading) as answer:
        output = answer.read()
    os.waitpid(child, 0)
    if not output:
        raise RuntimeError(f"{ask} failed")
    return json.loads(output)


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until the workers have done everything that is due."""
    deadline = time.monotonic() + 3 * PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("what is due was not done in time")
        time.sleep(0.25)


def move_clock(seconds: float) -> None:
    """Set the clock of all processes forward, in one step."""
    file = Path(os.environ["AFTERCOURSE_CLOCK_OFFSET_FILE"])
    new = file.with_suffix(".new")
    new.write_text(str(float(file.read_text() or 0) + seconds))
    new.rename(file)


def lay(months: int) -> None:
    """Groups whose last day was yesterday, each with one confirmed, one not, and a trainer."""
    from common import clock
    from community.institutes.models import Institute
    from community.people.models import User
    from followup.courses.models import Course, Enrolment, Run, RunTrainer

    institute = Institute.objects.create(name="Institute", slug="institute", country="HU", time_zone=ZONE)
    course = Course.objects.create(institute=institute, title="Course", slug="course", language="en")
    yesterday = clock.today(ZONE) - dt.timedelta(days=1)

    def person(name: str) -> User:
        address = f"{name.replace(' ', '.')}@school.test"
        return User.objects.create(name=name, email=address, joined_at=clock.now(), time_zone=ZONE)

    for number in range(months):
        run = Run.objects.create(course=course, starts_on=yesterday, ends_on=yesterday)
        Enrolment.objects.create(run=run, user=person(f"confirmed {number}"), completed_at=clock.now())
        Enrolment.objects.create(run=run, user=person(f"waiting {number}"))
        RunTrainer.objects.create(run=run, user=person(f"trainer {number}"))


def count_due() -> int:
    """How many things are due and not done: months to open, occasions, mails."""
    from common import clock
    from followup.courses.models import Run
    from followup.months.models import Occasion
    from messaging.notifications.models import Mail

    due = Occasion.objects.filter(done_at=None, due_at__lte=clock.now())
    # A mail that a killed worker had claimed is free again only after its lease.
    mails = Mail.objects.due()
    return Run.objects.filter(month_run=None).count() + due.count() + mails.count()


def count_unsent() -> int:
    """How many mails have not been sent."""
    from messaging.notifications.models import Mail

    return Mail.objects.filter(sent_at=None).count()


def seconds_to_next() -> float | None:
    """How long until the next occasion."""
    from common import clock
    from followup.months.models import Occasion

    following = Occasion.objects.filter(done_at=None).order_by("due_at").first()
    return (following.due_at - clock.now()).total_seconds() if following else None


def facts() -> dict[str, object]:
    """The rows in the database at the end."""
    from followup.months.models import Month, MonthRun, Occasion
    from messaging.notifications.models import Mail

    months = dict(Occasion.objects.values_list("pk", "month"))
    notified: Counter[str] = Counter()
    for key, kind, name in Mail.objects.values_list("key", "kind", "user__name"):
        about = int(key.split(":")[1])
        month = about if kind == "month-opened" else months[about]
        notified[f"{kind} {month} {name.split()[0]}"] += 1
    return {
        "months": Month.objects.count(),
        "runs": MonthRun.objects.count(),
        "occasions": Occasion.objects.count(),
        "left": Occasion.objects.filter(done_at=None).count(),
        "unsent": count_unsent(),
        "month_ids": list(Month.objects.values_list("pk", flat=True)),
        "notified": notified,
        "in": list(
            Month.objects.filter(
                space__memberships__dismissed_at=None, space__memberships__user__name__startswith="waiting"
            ).values_list("pk", flat=True)
        ),
    }


if __name__ == "__main__":
    main()
