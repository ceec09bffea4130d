"""`manage.py demo`: seed the demo if it is due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.access import Refused
from followup.demo import actions


class Command(BaseCommand):
    """Seeds the demo if it is empty, and again on a later day unless visitors have written in it."""

    help = "Seed the demo if it is empty, and again on a later day unless visitors have written in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="seed it again whatever was written in it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["reset"]:
                actions.reset()
                seeded = True
            else:
                seeded = actions.seed_if_due()
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("The demo is seeded." if seeded else "The demo is there.")
