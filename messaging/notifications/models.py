"""The outbox: every mail is a row first, and leaves when it is due."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from common import clock


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> "MailQuerySet":
        """Those to be sent now: not sent, not given up, not held back, and in nobody's hands."""
        now = clock.now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(free, sent_at=None, given_up_at=None, not_before__lte=now)


class Mail(models.Model):
    """One mail to one address. `key` says what it is about, so that it is written once."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="mails")
    address = models.EmailField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    not_before = models.DateTimeField(default=clock.now)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(sent_at=None, given_up_at=None), name="mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"
