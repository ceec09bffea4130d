"""manage.py jobs: run the sweeps."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.database import limit_statement_time
from messaging.jobs import clock_guard, loop


class Command(BaseCommand):
    help = (
        "Runs the jobs: opens months, notifies people, sends mails, deletes what has served. Any number of "
        "processes may run at once, and each may be stopped at any moment; nothing is done twice or left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")
        parser.add_argument(
            "--every",
            type=float,
            default=loop.INTERVAL_SECONDS,
            metavar="SECONDS",
            help="pause between two rounds",
        )

        parser.add_argument(
            "--yes-the-clock-is-right",
            action="store_true",
            dest="clock_is_right",
            help="go on at once although the clock is far from the last run; also frees running processes",
        )

    def handle(self, *args: Any, once: bool, every: float, clock_is_right: bool, **options: Any) -> None:
        limit_statement_time()
        if clock_is_right:
            clock_guard.confirm()
        if once:
            if not clock_guard.guard.allows():
                raise CommandError(
                    "The clock is more than a day from the last run of the jobs, so nothing was done. If it "
                    "is right, say --yes-the-clock-is-right."
                )
            done = loop.run_once(allows=clock_guard.guard.allows)
            self.stdout.write(f"{done} done.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"Doing what is due, every {every:g} seconds.")
        self.stdout.flush()
        loop.run_forever(stop, every)
        self.stdout.write("Stopped.")
