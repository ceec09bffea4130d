"""Personal data in notifications and mails: exporting and erasing it.

A mail is a secret of the mailbox it was sent to, and whoever reads an export need not read that mailbox: it
may be a session left open. So the export gives what a mail or a notification says only if its reader could
read the same on a page now.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.html import escape

from common import names, privacy
from messaging.notifications import bell
from messaging.notifications.housekeeping import NO_TEXT
from messaging.notifications.mails import FOOT_MARK
from messaging.notifications.models import Bell, Following, Mail, MailPreference, Notification

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "messaging.Bell.user",
    "messaging.Following.user",
    "messaging.Mail.user",
    "messaging.MailPreference.user",
    "messaging.Notification.by",
    "messaging.Notification.user",
)
MAILS_PER_QUERY = 2000
"""A search through all texts at once could exceed the time limit of a statement."""


def register() -> None:
    """Register the export and erasure of notifications and mails."""
    privacy.register("notifications", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Notifications, mails, mail preferences, and what they follow and have muted.

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
        "following": [
            {"kind": each.thing_kind, "number": each.thing_id, "choice": each.choice}
            for each in Following.objects.filter(user=user).order_by("pk")
        ],
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
    """Delete their notifications and mails, and remove their name from those of others."""
    # They name the user, perhaps by a name that was changed since.
    Mail.objects.filter(sent_at__isnull=False, news__by=user).update(**NO_TEXT)
    _erase_name_from_mails(user)
    with transaction.atomic():
        Notification.objects.filter(by=user).update(by=None)
        Notification.objects.filter(user=user).delete()
        Bell.objects.filter(user=user).delete()
        MailPreference.objects.filter(user=user).delete()
        Following.objects.filter(user=user).delete()
        # Answers to a form for an address have no user, until they are known to be of one.
        _all, own = privacy.addresses_of(user)
        of_nobody_else = Mail.objects.filter(user=None, address__in=own)
        (Mail.objects.filter(user=user) | of_nobody_else).delete()


def erase_titles(thing_kind: str, ids: Iterable[int]) -> None:
    """Erase the title of these things, which an erased person wrote, from the notifications of others and
    from the digests that include them."""
    news = Notification.objects.filter(thing_kind=thing_kind, thing_id__in=list(ids))
    digests = Mail.objects.filter(pk__in=news.exclude(mail=None).values("mail"))
    digests.filter(sent_at__isnull=False).update(**NO_TEXT)
    digests.filter(sent_at=None).delete()
    titled = [each for each in news if each.context.get("title")]
    for each in titled:
        each.context["title"] = names.NAMELESS
    Notification.objects.bulk_update(titled, ["context"], batch_size=200)


def _erase_name_from_mails(user: "User") -> None:
    """Delete the text of sent mails to others that name them, and replace the name in unsent ones."""
    if user.name in ("", names.NAMELESS):
        return
    spellings = {user.name, escape(user.name)}
    named = Q()
    for spelling in spellings:
        named |= Q(subject__contains=spelling) | Q(text__contains=spelling) | Q(html__contains=spelling)
    newest = Mail.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for start in range(0, newest + 1, MAILS_PER_QUERY):
        for mail in Mail.objects.filter(named, pk__gte=start, pk__lt=start + MAILS_PER_QUERY):
            texts = {field: names.without(getattr(mail, field), *spellings) for field in NO_TEXT}
            if texts != {field: getattr(mail, field) for field in NO_TEXT}:
                row = Mail.objects.filter(pk=mail.pk)
                if not row.filter(sent_at__isnull=False).update(**NO_TEXT):
                    row.update(**texts)
