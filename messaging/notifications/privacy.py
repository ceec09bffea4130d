"""What of a person is kept in the bell and the outbox, and how they let go of it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.notifications.models import Bell, Mail, MailPreference, Notification

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "messaging.Bell.user",
    "messaging.Mail.user",
    "messaging.MailPreference.user",
    "messaging.Notification.by",
    "messaging.Notification.user",
)


def register() -> None:
    """Answer for news and mails."""
    privacy.register("notifications", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """What this person was told, by the bell and by mail, and how often they want mail."""
    news = Notification.objects.filter(user=user).order_by("pk")
    choices = MailPreference.objects.filter(user=user).order_by("pk")
    mails = Mail.objects.filter(user=user).order_by("pk")
    return {
        "news": [
            {
                "kind": each.kind,
                "about": each.context,
                "on": each.created_at.isoformat(),
                "seen": each.seen_at and each.seen_at.isoformat(),
            }
            for each in news
        ],
        "mail_preferences": [{"place": each.scope, "frequency": each.frequency} for each in choices],
        "mails": [
            {
                "address": each.address,
                "subject": "" if each.has_secret else each.subject,
                "text": "" if each.has_secret else each.text,
                "on": each.created_at.isoformat(),
            }
            for each in mails
        ],
    }


def erase(user: "User") -> None:
    """No mail and no news to this person is left, and the news of others no longer says that it was them."""
    Notification.objects.filter(by=user).update(by=None)
    Notification.objects.filter(user=user).delete()
    Bell.objects.filter(user=user).delete()
    MailPreference.objects.filter(user=user).delete()
    Mail.objects.filter(user=user).delete()
