"""Personal data in notifications and mails: exporting and erasing it.

A mail is a secret of the mailbox it was sent to, and whoever reads an export need not read that mailbox: it
may be a session left open. So the export gives what a mail or a notification says only if its reader could
read the same on a page now.
"""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.notifications import bell
from messaging.notifications.mails import FOOT_MARK
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
    """Notifications, mails and mail preferences.

    Of a mail that is about nothing the user may see now (every code, link and invitation is such a mail), and
    of such a notification, only the kind and the day.
    """
    news = list(Notification.objects.filter(user=user).order_by("pk"))
    choices = MailPreference.objects.filter(user=user).order_by("pk")
    mails = list(Mail.objects.filter(user=user).order_by("pk").prefetch_related("news"))
    things = {_thing(each) for each in news} | {(each.thing_kind, each.thing_id or 0) for each in mails}
    visible = bell.visible_things(user, {thing for thing in things if thing[0]})
    return {
        "news": [
            {
                "kind": each.kind,
                **({"about": each.context} if _may_read(each, visible) else {}),
                "on": each.created_at.isoformat(),
                "seen": each.seen_at and each.seen_at.isoformat(),
            }
            for each in news
        ],
        "mail_preferences": [{"place": each.scope, "frequency": each.frequency} for each in choices],
        "mails": [
            {"kind": each.kind, **_words(each, visible), "on": each.created_at.date().isoformat()}
            for each in mails
        ],
    }


def _thing(news: Notification) -> bell.Thing:
    return news.thing_kind, news.thing_id


def _may_read(news: Notification, visible: set[bell.Thing]) -> bool:
    return news.withdrawn_at is None and _thing(news) in visible


def _words(mail: Mail, visible: set[bell.Thing]) -> dict[str, str]:
    """What a mail says, without its foot, which has the link to unsubscribe; empty if it may not be read."""
    news = list(mail.news.all())
    about = (mail.thing_kind, mail.thing_id or 0)
    readable = all(_may_read(each, visible) for each in news) if news else about in visible
    if mail.has_secret or mail.sent_at is None or not readable:
        return {}
    return {
        "address": mail.address,
        "subject": mail.subject,
        "text": mail.text.rpartition(FOOT_MARK)[0],
    }


def erase(user: "User") -> None:
    """Delete their notifications and mails, and remove them from the notifications of others."""
    Notification.objects.filter(by=user).update(by=None)
    Notification.objects.filter(user=user).delete()
    Bell.objects.filter(user=user).delete()
    MailPreference.objects.filter(user=user).delete()
    Mail.objects.filter(user=user).delete()
