"""Practices: structured accounts of what somebody tried in their own work, and try-outs built on them."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


class PracticeQuerySet(models.QuerySet["Practice"]):
    def visible_to(self, user: "User") -> "PracticeQuerySet":
        """Published ones in spaces the person sees; withdrawn ones for who may put them back."""
        if not user.is_authenticated:
            return self.none()
        seen = models.Q(space__in=Space.objects.visible_to(user))
        standing = models.Q(published_at__isnull=False, withdrawn_at=None)
        return self.filter(seen & (standing | models.Q(author=user) | models.Q(withdrawn_by=user)))

    def published(self) -> "PracticeQuerySet":
        """Those that stand for their readers."""
        return self.filter(published_at__isnull=False, withdrawn_at=None)


class Practice(models.Model):
    """An account in four parts. Built on another practice it is a try-out: "I tried this too"."""

    space = models.ForeignKey(Space, models.CASCADE, related_name="practices")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="practices")
    builds_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="try_outs")
    title = models.CharField(_("title"), max_length=160)
    setting = models.CharField(
        _("where"), max_length=160, blank=True, help_text=_("Grade and subject, group or office")
    )
    context = models.TextField(_("The situation"))
    context_html = models.TextField(editable=False)
    tried = models.TextField(_("What I tried"))
    tried_html = models.TextField(editable=False)
    happened = models.TextField(_("What happened"))
    happened_html = models.TextField(editable=False)
    change = models.TextField(_("What I would change"), blank=True)
    change_html = models.TextField(editable=False, blank=True)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    client_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = PracticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="practice_sent_once")]
        indexes = [models.Index(fields=["space", "-published_at"], name="practice_newest_first")]

    def __str__(self) -> str:
        return self.title


class PracticeVisit(models.Model):
    """That a reader has opened a practice."""

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "user"], name="practice_visit_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.practice}"
