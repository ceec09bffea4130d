"""`manage.py mails`: the mails that were not sent, and sending them again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count

from messaging.notifications import outbox
from messaging.notifications.models import Mail

NOT_MEANT_TO_BE_SENT = (Mail.GiveUpReason.CANCELLED, Mail.GiveUpReason.EXPIRED)


class Command(BaseCommand):
    help = (
        "Lists the mails that wait or were given up: number, kind, since when, attempts and why. Addresses "
        "are printed only if asked for. Codes and texts never are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--addresses", action="store_true", help="print to whom as well")
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="rows of each kind (50)")
        parser.add_argument(
            "--again",
            nargs="*",
            type=int,
            metavar="NUMBER",
            help="send these again; without numbers, all that wait or were given up and may still be sent",
        )

    def handle(
        self, *args: Any, addresses: bool, limit: int, again: list[int] | None, **options: Any
    ) -> None:
        if again is not None:
            mails = Mail.objects.filter(sent_at=None).exclude(give_up_reason__in=NOT_MEANT_TO_BE_SENT)
            count = outbox.retry(mails.filter(pk__in=again) if again else mails)
            self.stdout.write(f"To be sent again in the next round of jobs: {count}.")
            return
        unsent = Mail.objects.filter(sent_at=None)
        for reason, count in self._counts():
            self.stdout.write(f"{reason or 'waiting'}: {count}")
        for mail in unsent.exclude(give_up_reason__in=NOT_MEANT_TO_BE_SENT).order_by("-pk")[:limit]:
            state = mail.give_up_reason or f"next attempt {mail.not_before:%Y-%m-%d %H:%M} UTC"
            # The server's answer may quote the address.
            error = mail.last_error if addresses else mail.last_error.partition(":")[0]
            parts = [f"{mail.pk}", mail.kind, f"{mail.created_at:%Y-%m-%d %H:%M}", f"{mail.attempts}x", state]
            self.stdout.write("  ".join(filter(None, [*parts, error, mail.address if addresses else ""])))

    def _counts(self) -> list[tuple[str, int]]:
        rows = Mail.objects.filter(sent_at=None).order_by("give_up_reason").values_list("give_up_reason")
        return list(rows.annotate(count=Count("pk")))
