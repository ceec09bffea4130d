"""Personal data in notifications and mails: exporting and erasing it."""

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
    """Register the export and erasure of notifications and mails."""
    privacy.register("notifications", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Notifications, mails and mail preferences. Codes and sign-in links are left out."""
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
    """Delete their notifications and mails, and remove them from the notifications of others."""
    Notification.objects.filter(by=user).update(by=None)
    Notification.objects.filter(user=user).delete()
    Bell.objects.filter(user=user).delete()
    MailPreference.objects.filter(user=user).delete()
    Mail.objects.filter(user=user).delete()
