"""`manage.py demo`: lay the demo, or leave it as it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.access import Refused
from followup.demo import actions


class Command(BaseCommand):
    """Lays the demo if it is not there, and anew on a new day unless somebody wrote in it."""

    help = "Lay the demo if it is not there, and anew on a new day unless somebody wrote in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="lay it anew whatever was done in it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["reset"]:
                actions.reset()
                laid = True
            else:
                laid = actions.seed_if_due()
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("The demo is laid." if laid else "The demo is there.")
