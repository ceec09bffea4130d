"""Reports: somebody says that a post, a message or a picture should be looked at; and what was decided."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User

MAX_TEXT_CHARS = 1000
WHOLE = 0
"""The `file_pk` of a report on a whole post or message."""


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Those that nobody has decided."""
        return self.filter(decided_at=None)

    def decidable_by(self, user: "User") -> "ReportQuerySet":
        """Those on what others wrote, in spaces that the user keeps in order; of private questions only for
        who answers there. Moderators decide on all. `can_decide` is the check of one."""
        return self.decidable(user, moderates=user.is_moderator) if user.is_authenticated else self.none()

    def decidable(self, user: "User", *, moderates: bool) -> "ReportQuerySet":
        """The same where it is known whether a signed-in user is a moderator."""
        of_others = self.exclude(author=user)
        if moderates:
            return of_others
        answering = Membership.objects.current().with_right(Right.ANSWER).filter(user=user).values("space")
        may_read = Q(private=False) | Q(space__in=answering)
        return of_others.filter(may_read, space__in=Space.objects.kept_in_order_by(user).values("pk"))

    def visible_to(self, user: "User") -> "ReportQuerySet":
        """Those that the user made, that are about what they wrote and hid it or took it down, or that they
        decide on."""
        if not user.is_authenticated:
            return self.none()
        about_mine = Q(author=user) & (Q(hides=True) | Q(decision=Report.Decision.HIDDEN))
        return self.filter(Q(by=user) | about_mine | Q(pk__in=self.decidable_by(user).values("pk")))

    def with_people(self) -> "ReportQuerySet":
        """With what is shown of each in a list."""
        return self.select_related("space", "by", "author", "decided_by")

    def of_same_thing(self, report: "Report") -> "ReportQuerySet":
        """Those on what this report is on."""
        return self.filter(thing_kind=report.thing_kind, thing_id=report.thing_id, file_pk=report.file_pk)


class Report(models.Model):
    """One person's report. `hides`: it hid what it is on, until somebody decides."""

    class Reason(models.TextChoices):
        PUPIL = "pupil", _("A pupil can be recognised")
        DANGER = "danger", _("A child may be in danger")
        OTHER = "other", _("Something else")

    class Decision(models.TextChoices):
        SHOWN = "shown", _("Everyone may see it")
        HIDDEN = "hidden", _("It’s hidden")

    space = models.ForeignKey(Space, models.CASCADE, related_name="+")
    thing_kind = models.CharField(max_length=20, help_text="see community.reports.things")
    thing_id = models.PositiveBigIntegerField()
    file_pk = models.PositiveBigIntegerField(default=WHOLE, help_text="the picture of it; 0 for all of it")
    # Whether only those who answer in the space may read what it is on.
    private = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=6, choices=Reason)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    client_id = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField(default=clock.now)
    hides = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    sentence = models.TextField(blank=True, help_text="to the author")

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "client_id"], name="report_sent_once"),
            models.UniqueConstraint(
                fields=["by", "thing_kind", "thing_id", "file_pk", "reason"],
                condition=Q(decided_at=None),
                name="report_open_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="") | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="report_is_decided_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["thing_kind", "thing_id"], name="report_of_thing"),
            models.Index(fields=["space"], condition=Q(decided_at=None), name="report_open"),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.thing_kind} {self.thing_id}"

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    @property
    def is_about_pupil(self) -> bool:
        return self.reason == self.Reason.PUPIL

    @property
    def is_about_danger(self) -> bool:
        return self.reason == self.Reason.DANGER
