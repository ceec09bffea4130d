"""`manage.py make_institute`: creates an institute and invites its first coordinator."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.access import SYSTEM
from common.addresses import normalize_address
from community.institutes import actions
from community.institutes.models import Staff
from community.people import invitations
from community.people.zones import default_zone


class Command(BaseCommand):
    help = (
        "Creates an institute, unless there is one of this name, and makes somebody its coordinator. Who is "
        "new gets an invitation by mail, and its link is printed here, since mail may not be configured yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--coordinator", required=True, metavar="ADDRESS", help="an e-mail address of their own"
        )
        parser.add_argument(
            "--coordinator-name", default="", metavar="NAME", help="how they are called; they can correct it"
        )
        parser.add_argument("--country", default="", help="two letters, such as HU")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, choices=[code for code, _name in settings.LANGUAGES]
        )
        parser.add_argument("--time-zone", default="", metavar="ZONE", help="such as Europe/Budapest")

    @transaction.atomic
    def handle(self, *args: Any, name: str, coordinator: str, **options: Any) -> None:
        try:
            address = normalize_address(coordinator)
        except ValueError as error:
            raise CommandError(f"{coordinator} is no e-mail address.") from error
        try:
            institute = actions.make_institute(
                by=SYSTEM,
                name=name,
                country=options["country"].upper(),
                language=options["language"],
                time_zone=options["time_zone"] or default_zone(options["language"]),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        staff, added = actions.add_staff(
            institute=institute,
            by=SYSTEM,
            name=options["coordinator_name"] or coordinator.partition("@")[0],
            address=address,
            role=Staff.Role.COORDINATOR,
        )
        page = f"{settings.SITE_URL}/institutes/{institute.slug}/"
        self.stdout.write(f"{institute.name} is at {page}")
        if staff.user.joined_at is not None:
            self.stdout.write(f"{staff.user.name} coordinates it{' now' if added else ' already'}.")
            return
        invitation = staff.user.invitations.open().order_by("-invited_at").first()
        assert invitation is not None, "add_staff invites who has not joined"
        link = settings.SITE_URL + invitations.link_to(invitation)
        self.stdout.write(f"{staff.user.name} coordinates it once they have come in here:\n{link}")
