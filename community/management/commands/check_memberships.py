"""`manage.py check_memberships`: compares who is in a space with who is in its room."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.spaces.consistency_actions import find_differences, repair


class Command(BaseCommand):
    help = "Compares memberships with the members of rooms; exits with 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend",
            action="store_true",
            help="copy memberships to the rooms again, and close the sockets of the users concerned",
        )

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        found = repair() if mend else find_differences()
        for difference in found:
            self.stdout.write(str(difference))
        if not found:
            self.stdout.write("Memberships and rooms agree.")
        elif mend:
            self.stdout.write(f"Repaired: {len(found)}.")
        else:
            raise CommandError(f"Differences: {len(found)}. --mend copies memberships to the rooms again.")
