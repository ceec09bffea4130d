"""`manage.py erase_again`: after restoring an older back-up, erases those again who were erased since."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from community.erasure import actions, record
from community.people.models import User

ACCOUNTS_PER_QUERY = 500


class Command(BaseCommand):
    help = (
        "Erases everybody again who is in the record of erased accounts and not erased in this database. "
        "Run it after restoring a back-up, before the first process starts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, help="a copy of the record, if the one of this installation was lost too"
        )

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        path = file or settings.ERASED_FILE
        try:
            erased = record.read(path)
        except FileNotFoundError as error:
            raise CommandError(f"There is no record of erased accounts at {path}.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        done = sum(self._erase(person, erased[person.key]) for person in self._there_again(list(erased)))
        self.stdout.write(f"Accounts in the record: {len(erased)}. Erased again: {done}.")

    def _there_again(self, keys: list[Any]) -> list[User]:
        found: list[User] = []
        for start in range(0, len(keys), ACCOUNTS_PER_QUERY):
            some = Q(key__in=keys[start : start + ACCOUNTS_PER_QUERY])
            found += User.objects.filter(some, erased_at=None).order_by("pk")
        return found

    def _erase(self, person: User, takes_posts: bool) -> bool:
        User.objects.filter(pk=person.pk).update(erasure_takes_posts=takes_posts)
        for obstacle in actions.obstacles_of(person):
            self.stdout.write(f"{obstacle}")
        return actions.erase(user=person, again=True)
