"""How long mails, notifications and bell logs are kept."""

import datetime as dt

from django.conf import settings
from django.db.models import F, Q

from common import clock
from messaging.jobs.housekeeping import delete_batch, register_rule, update_batch
from messaging.notifications.models import BellEntry, Mail, Notification

KEEP_MAIL_TEXTS = dt.timedelta(days=30)
KEEP_MAILS = dt.timedelta(days=400)
"""Their keys prevent a duplicate mail, so they are kept longer than anything that posts them."""
KEEP_MAILS_OF_STRANGERS = dt.timedelta(days=30)
KEEP_SEEN = dt.timedelta(days=90)
KEEP_UNSEEN = dt.timedelta(days=400)
BELL_ENTRIES_KEPT = 1000
"""The newest entries of each bell that are kept. An open page that is further behind has to be reloaded."""

NO_TEXT = {"subject": "", "text": "", "html": ""}


def register() -> None:
    """Register the rules."""
    register_rule("mail-secrets", delete_secrets)
    register_rule("mail-texts", delete_mail_texts)
    register_rule("mails", delete_mails)
    register_rule("notifications", delete_notifications)
    register_rule("bell-entries", delete_bell_entries)


def delete_secrets(size: int) -> int:
    """Delete the texts with codes and sign-in links of mails that were sent or given up.

    Delivery deletes them itself; this rule covers mails of earlier versions, and a demo that became an
    installation. Returns how many.
    """
    if settings.MAIL_KEEPS_SECRETS:
        return 0
    obsolete = Q(sent_at__isnull=False) | Q(given_up_at__isnull=False)
    return update_batch(Mail.objects.filter(obsolete, has_secret=True).exclude(text=""), size, **NO_TEXT)


def delete_mail_texts(size: int) -> int:
    """Delete the texts of mails that were sent or given up long ago. Returns how many."""
    before = clock.now() - KEEP_MAIL_TEXTS
    old = Q(sent_at__lt=before) | Q(given_up_at__lt=before)
    return update_batch(Mail.objects.filter(old).exclude(text=""), size, **NO_TEXT)


def delete_mails(size: int) -> int:
    """Delete mails that were sent or given up so long ago that nothing posts them again. Returns how many.

    Those to nobody whom we know are posted by visitors, never again with the same key, and name an address.
    """
    before, strangers = clock.now() - KEEP_MAILS, clock.now() - KEEP_MAILS_OF_STRANGERS
    old = Q(sent_at__lt=before) | Q(given_up_at__lt=before)
    of_strangers = Q(user=None) & (Q(sent_at__lt=strangers) | Q(given_up_at__lt=strangers))
    return delete_batch(Mail.objects.filter(old | of_strangers), size)


def delete_notifications(size: int) -> int:
    """Delete seen and withdrawn notifications, and very old unseen ones. Returns how many."""
    now = clock.now()
    obsolete = Q(seen_at__lt=now - KEEP_SEEN) | Q(withdrawn_at__lt=now - KEEP_SEEN)
    return delete_batch(Notification.objects.filter(obsolete | Q(created_at__lt=now - KEEP_UNSEEN)), size)


def delete_bell_entries(size: int) -> int:
    """Delete all but the newest entries of each bell. Returns how many."""
    return delete_batch(
        BellEntry.objects.filter(number__lte=F("bell__last_number") - BELL_ENTRIES_KEPT), size
    )
