"""`manage.py check_search`: compares the index of search in rooms with the messages."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.chat import search_index


class Command(BaseCommand):
    help = "Compares the index of search in rooms with the messages; exits with 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="have the jobs make anew what differs")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        found = search_index.mend() if mend else search_index.differing()
        for segment in found:
            self.stdout.write(str(segment))
        if not found:
            self.stdout.write("The index of search agrees with the messages.")
        elif mend:
            self.stdout.write(f"Repaired: {len(found)}.")
        else:
            raise CommandError(f"Differences: {len(found)}. --mend has their index made anew.")
