"""Practices: structured accounts of what a user tried in their work, and try-outs built on them."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.posts.models import SpacePost, SpacePostQuerySet
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


class PracticeQuerySet(SpacePostQuerySet["Practice"]):
    def visible_to(self, user: "User") -> "PracticeQuerySet":
        """Published ones for an audience of the user; withdrawn ones for those who may restore them."""
        if not user.is_authenticated:
            return self.in_audience_of(user).published()
        published = Q(published_at__isnull=False, withdrawn_at=None)
        taken_down = Q(withdrawn_at__isnull=False) & (Q(withdrawn_by=None) | ~Q(withdrawn_by=F("author")))
        kept_in_order = Q(space__in=Space.objects.kept_in_order_by(user))
        return self.in_audience_of(user).filter(published | Q(author=user) | (taken_down & kept_in_order))

    def published(self) -> "PracticeQuerySet":
        """Those that readers see: published and not withdrawn."""
        return super().published().filter(published_at__isnull=False)

    def countable(self) -> "PracticeQuerySet":
        """Those that count in figures: everybody in the space may read what is published."""
        return self.published()


class Practice(SpacePost):
    """An account in four parts. Built on another practice it is a try-out: "I tried this too"."""

    KIND = "practice"
    SEARCHED = ("title", "setting", "context", "tried", "happened", "change")
    SOURCES = ("context", "tried", "happened", "change")
    LOCKED_WITH = ("space__institute",)

    space = models.ForeignKey(Space, models.CASCADE, related_name="practices", db_index=False)
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
    published_at = models.DateTimeField(null=True)

    objects = PracticeQuerySet.as_manager()

    class Meta(SpacePost.Meta):
        indexes = [models.Index(fields=["space", "-published_at"], name="practice_newest_first")]

    def __str__(self) -> str:
        return self.title


class PracticeVisit(models.Model):
    """Records that a reader has opened a practice."""

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="visits", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "user"], name="practice_visit_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.practice}"
