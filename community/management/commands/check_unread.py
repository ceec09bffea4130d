"""`manage.py check_unread`: compares the kept numbers of what is new with what is counted now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.unread.consistency_actions import find_differences, repair


class Command(BaseCommand):
    help = "Compares how much is kept as new to each reader with the posts; exits with 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="have the numbers that differ counted again")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        found = repair() if mend else find_differences()
        for difference in found:
            self.stdout.write(str(difference))
        if not found:
            self.stdout.write("What is kept as new agrees with the posts.")
        elif mend:
            self.stdout.write(f"Repaired: {len(found)}.")
        else:
            raise CommandError(f"Differences: {len(found)}. --mend has them counted again.")
