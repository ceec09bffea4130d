"""`manage.py check_memberships`: compares who is in a space with who is in its room."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.spaces.consistency_actions import find_differences
from community.spaces.consistency_actions import mend as mend_all


class Command(BaseCommand):
    help = "Compares memberships with the members of rooms; exits with 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend",
            action="store_true",
            help="make rooms what memberships say, and end the sockets of whoever is concerned",
        )

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        found = mend_all() if mend else find_differences()
        for difference in found:
            self.stdout.write(str(difference))
        if not found:
            self.stdout.write("Memberships and rooms agree.")
        elif mend:
            self.stdout.write(f"Mended: {len(found)}.")
        else:
            raise CommandError(f"Differences: {len(found)}. --mend makes rooms what memberships say.")
