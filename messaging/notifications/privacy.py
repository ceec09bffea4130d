"""What of a person is kept in the outbox, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.notifications.models import Mail

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Answer for mails."""
    privacy.register("notifications", export_for, erase, ["messaging.Mail.user"])


def export_for(user: "User") -> dict[str, Any]:
    """The mails written to this person."""
    mails = Mail.objects.filter(user=user).order_by("pk")
    return {
        "mails": [
            {
                "address": each.address,
                "subject": each.subject,
                "text": each.text,
                "on": each.created_at.isoformat(),
            }
            for each in mails
        ]
    }


def erase(user: "User") -> None:
    """No mail to this person is left, sent or waiting."""
    Mail.objects.filter(user=user).delete()
