"""`manage.py load_programme --people 20800 --institutions 117 --spaces 700`: a large installation to measure
with."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.access import Refused
from followup.demo import programme


class Command(BaseCommand):
    """Writes a programme of a given size into an empty database; minutes at full size."""

    help = "Fill an empty database with a programme of a given size, to measure with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=208, help="participants, 20800 at full size")
        parser.add_argument("--institutions", type=int, default=2, help="institutes, 117 at full size")
        parser.add_argument("--spaces", type=int, default=7, help="open months, 700 at full size")
        parser.add_argument("--seed", type=int, default=1, help="another one makes other texts")

    def handle(self, *args: Any, **options: Any) -> None:
        size = programme.Size(options["people"], options["institutions"], options["spaces"], options["seed"])
        started = time.monotonic()
        try:
            programme.load(size, report=self.stdout.write)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"The programme is there, after {time.monotonic() - started:.0f} seconds.")
