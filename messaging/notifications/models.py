"""Notifications: the bell with its log, mail preferences, and the outbox of mails."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock


class NotificationQuerySet(models.QuerySet["Notification"]):
    def active(self) -> "NotificationQuerySet":
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def unseen(self) -> "NotificationQuerySet":
        """Those that their reader has not seen yet."""
        return self.active().filter(seen_at=None)


class Notification(models.Model):
    """One notification for one person, about one thing. `key` makes it idempotent.

    `kind` names its template (notifications/<kind>.txt, for the bell and for mails). `context` contains the
    variables of the template at that time (titles and other plain values; never the name of the actor, who is
    in `by`, so that a name can be erased). `scope` selects the mail preference (`space:3`), `path` is the
    page it links to. Whether its reader may see the thing is checked whenever it is shown. If its thing is
    withdrawn, it is withdrawn and not deleted, because logs reference it and because it may be restored.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False
    )
    key = models.CharField(max_length=160)
    kind = models.CharField(max_length=40)
    thing_kind = models.CharField(max_length=30)
    thing_id = models.BigIntegerField()
    scope = models.CharField(max_length=40, blank=True)
    path = models.CharField(max_length=300)
    context = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True, help_text="when to see next whether to mail it")
    # The digest that includes it. None if it was not mailed, or has a separate mail.
    mail = models.ForeignKey("Mail", models.SET_NULL, null=True, related_name="news")
    withdrawn_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notified_once")]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_newest_first"),
            models.Index(fields=["user", "thing_kind", "thing_id"], name="notification_of_thing"),
            models.Index(fields=["key"], name="notification_by_key"),
            models.Index(
                fields=["user"], condition=Q(seen_at=None, withdrawn_at=None), name="notification_unseen"
            ),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(seen_at=None, mailed_at=None, withdrawn_at=None),
                name="notification_mail_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"


class Bell(models.Model):
    """The last number of a person's own log, the stream `person:<user>`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bell")
    last_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"bell of {self.user}"


class BellEntry(models.Model):
    """One entry of a person's own log: a notification is new, was seen on some device, or was withdrawn."""

    class Kind(models.TextChoices):
        NEW = "new", "new"
        SEEN = "seen", "seen"
        GONE = "gone", "gone"

    bell = models.ForeignKey(Bell, models.CASCADE, related_name="entries")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=4, choices=Kind)
    notification = models.ForeignKey(Notification, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bell", "number"], name="bell_entry_once")]

    def __str__(self) -> str:
        return f"{self.bell} #{self.number}"


class MailPreference(models.Model):
    """How often a user gets mail about one scope; without a row it is once a day."""

    class Frequency(models.TextChoices):
        NOW = "now", _("at once")
        DAILY = "daily", _("once a day")
        NEVER = "never", _("no email")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_preferences")
    scope = models.CharField(max_length=40)
    frequency = models.CharField(max_length=5, choices=Frequency)
    chosen_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "scope"], name="mail_choice_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.scope} {self.frequency}"


class Following(models.Model):
    """That a person chose to hear of everything new about a thing (a conversation, a practice) or of nothing.

    Without a row they follow what they wrote in, see `following_queries`.
    """

    class Choice(models.TextChoices):
        FOLLOWS = "follows", "follows"
        MUTED = "muted", "muted"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="following", db_index=False
    )
    thing_kind = models.CharField(max_length=30)
    thing_id = models.BigIntegerField()
    choice = models.CharField(max_length=7, choices=Choice)
    chosen_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "thing_kind", "thing_id"], name="followed_once")
        ]
        indexes = [models.Index(fields=["thing_kind", "thing_id"], name="following_of_thing")]

    def __str__(self) -> str:
        return f"{self.user}: {self.thing_kind} {self.thing_id} {self.choice}"


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self) -> "MailQuerySet":
        """Mails that are neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self) -> "MailQuerySet":
        """Mails to be sent now that no worker has claimed."""
        now = clock.now()
        unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.waiting().filter(unclaimed, not_before__lte=now)

    def sent_or_claimed(self) -> "MailQuerySet":
        """Mails that were sent, or that a worker has claimed to send them now."""
        return self.filter(Q(sent_at__isnull=False) | Q(claimed_until__gt=clock.now()))

    def unsent(self) -> "MailQuerySet":
        """All others, waiting or given up."""
        return self.filter(sent_at=None).exclude(claimed_until__gt=clock.now())

    def refused(self) -> "MailQuerySet":
        """Mails that the mail server permanently refused for this recipient."""
        return self.filter(give_up_reason=Mail.GiveUpReason.REFUSED)


class Mail(models.Model):
    """One mail to one address. `key` makes it idempotent.

    If it has a thing or notifications, its reader must still be allowed to see them when it is sent.

    What a mail says is a secret of the mailbox it is sent to. `user` is set only if that mailbox is known to
    be the user's.
    """

    class Priority(models.IntegerChoices):
        CODE = 0, "somebody waits for it"
        INVITATION = 1, "lets somebody in"
        NORMAL = 2, "anything else"

    class GiveUpReason(models.TextChoices):
        REFUSED = "refused", _("refused for this recipient")
        EXPIRED = "expired", _("not sent in time")
        CANCELLED = "cancelled", _("no longer meant for the recipient")
        FAILED = "failed", _("failed too often")

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="mails")
    address = models.EmailField(_("address"))
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    has_secret = models.BooleanField(default=False, help_text="a code, or a link that lets somebody in")
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    stop_scope = models.CharField(max_length=40, blank=True, help_text="what this mail can unsubscribe from")
    thing_kind = models.CharField(max_length=30, blank=True)
    thing_id = models.BigIntegerField(null=True)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("written"), default=clock.now)
    not_before = models.DateTimeField(_("next attempt"), default=clock.now)
    expires_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(_("error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    give_up_reason = models.CharField(_("given up"), max_length=9, choices=GiveUpReason, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails that were not sent")  # the administrator sees only those
        indexes = [
            models.Index(
                fields=["priority", "not_before"],
                condition=Q(sent_at=None, given_up_at=None),
                name="mail_waiting_by_priority",
            ),
            models.Index(fields=["sent_at"], condition=~Q(text=""), name="mail_with_text"),
            models.Index(fields=["address", "created_at"], name="mail_by_address"),
            models.Index(
                fields=["give_up_reason"], condition=Q(given_up_at__isnull=False), name="mail_given_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"

    def end_of_secret(self) -> dict[str, str]:
        """The columns to empty when the mail is sent or given up: those that let somebody in."""
        keeps = not self.has_secret or settings.MAIL_KEEPS_SECRETS
        return {} if keeps else {"subject": "", "text": "", "html": ""}
