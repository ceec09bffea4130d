"""`manage.py make_administrator`: makes a user an administrator of the installation, created if needed."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.access import SYSTEM
from common.addresses import normalize_address
from community.people import actions, invitations


class Command(BaseCommand):
    help = (
        "Makes a user an administrator: they may create institutes, and use /admin/. A new user gets "
        "an invitation by mail, and its link is printed here, since mail may not be configured yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("address", help="an e-mail address of their own")

    @transaction.atomic
    def handle(self, *args: Any, name: str, address: str, **options: Any) -> None:
        try:
            address = normalize_address(address)
        except ValueError as error:
            raise CommandError(f"{address} is no e-mail address.") from error
        person = actions.make_administrator(name=name, address=address)
        if person.joined_at is not None:
            self.stdout.write(f"{person.name} runs this installation from now on.")
            return
        invitation = invitations.invite(user=person, address=address, occasion="", next_path="/", by=SYSTEM)
        link = settings.SITE_URL + invitations.link_to(invitation)
        self.stdout.write(f"{person.name} runs this installation once they have come in here:\n{link}")
