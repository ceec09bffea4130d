"""`manage.py erase_person`: erases a person who asked for it in writing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.access import Refused
from community.erasure import actions
from community.people.models import User


class Command(BaseCommand):
    help = (
        "Erases a person who asked for it in writing: in a week, as on their own page, with a mail that "
        "tells them; or at once. What goes and what stays is in docs/operations.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="an e-mail address of theirs")
        parser.add_argument("--id", type=int, dest="pk", help="which one, if several have this address")
        parser.add_argument("--now", action="store_true", help="do not wait for a week; it cannot be undone")
        parser.add_argument(
            "--posts-too",
            action="store_true",
            help="erase what others could read as well, which otherwise stays without the name",
        )

    def handle(
        self, *args: Any, address: str, pk: int | None, now: bool, posts_too: bool, **options: Any
    ) -> None:
        person = self._find(address, pk)
        try:
            if now:
                actions.erase_at_once(user=person, takes_posts=posts_too)
            else:
                person = actions.ask(user=person, takes_posts=posts_too)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if now:
            self.stdout.write(f"Account {person.pk} is erased.")
        else:
            self.stdout.write(f"Account {person.pk} will be erased on {person.erasure_at:%Y-%m-%d}.")

    def _find(self, address: str, pk: int | None) -> User:
        people = [person for person in actions.find(address) if pk in (None, person.pk)]
        if not people:
            raise CommandError("Nobody has this address.")
        if len(people) > 1:
            names = "\n".join(
                f"--id {person.pk}: {person.name}, created {person.created_at:%Y-%m-%d}" for person in people
            )
            raise CommandError(f"Several people have this address. Say which one:\n{names}")
        return people[0]
