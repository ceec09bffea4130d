"""Courses, their delivery as runs, and who completed them."""

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from community.institutes.models import Institute, Staff

if TYPE_CHECKING:
    from community.people.models import User


def institutes_run_by(user: "User") -> models.QuerySet[Staff]:
    """Ids of the institutes where the user is coordinator or office staff, for a subquery."""
    roles = [Staff.Role.COORDINATOR, Staff.Role.OFFICE]
    return Staff.objects.filter(user=user, role__in=roles).values("institute")  # type: ignore[return-value]


class CourseQuerySet(models.QuerySet["Course"]):
    def public(self) -> "CourseQuerySet":
        """Those with a public page."""
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: "User") -> "CourseQuerySet":
        """Public ones, and those of the institutes whose staff the user is."""
        if not user.is_authenticated:
            return self.public()
        works_at = Staff.objects.filter(user=user).values("institute")
        return self.filter(Q(published_at__isnull=False) | Q(institute__in=works_at))

    def managed_by(self, user: "User") -> "CourseQuerySet":
        """Those of institutes where the user is coordinator or office staff."""
        return self.filter(institute__in=institutes_run_by(user))


class Course(models.Model):
    """What an institute offers, with a public page. Its follow-up lasts a month or longer, never less."""

    institute = models.ForeignKey(Institute, models.PROTECT, related_name="courses")
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("short name in addresses"), max_length=80, unique=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    aim = models.TextField(_("aim"))
    audience = models.TextField(_("who it is for"))
    accrediting_body = models.CharField(_("accredited by"), max_length=200, blank=True)
    accredited_on = models.DateField(_("accredited on"), null=True, blank=True)
    accreditation_number = models.CharField(_("accreditation number"), max_length=80, blank=True)
    follow_up_months = models.PositiveSmallIntegerField(
        _("months of follow-up"),
        default=1,
        validators=[
            MinValueValidator(1, _("A follow-up lasts at least one month.")),
            MaxValueValidator(24, _("A follow-up lasts at most 24 months.")),
        ],
    )
    sharing_guide = models.TextField(_("guide for sharing in school"), blank=True)
    sharing_guide_html = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=Q(follow_up_months__gte=1), name="follow_up_at_least_a_month")
        ]
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def __str__(self) -> str:
        return self.title


class Module(models.Model):
    """A part of a course, with its hours."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="modules")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, validators=[MinValueValidator(0)])

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class Step(models.TextChoices):
    """The four steps of a month. Who took them is computed from what people did."""

    TRIED = "tried", _("try one thing")
    SHARED = "shared", _("share how it went")
    PASSED_ON = "passed-on", _("pass it on")
    LOOKED_BACK = "looked-back", _("look back")


class WeeklyPrompt(models.Model):
    """A weekly prompt of a course's own, instead of the standard four."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="weekly_prompts")
    position = models.PositiveSmallIntegerField(_("position"))
    step = models.CharField(_("step"), max_length=12, choices=Step, default=Step.TRIED)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"))

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: "User") -> "RunQuerySet":
        """Runs whose page the user may see: those they may complete or evaluate."""
        if not user.is_authenticated:
            return self.none()
        evaluated = Staff.objects.filter(user=user, role=Staff.Role.EVALUATOR).values("institute")
        return self.filter(
            Q(course__institute__in=institutes_run_by(user))
            | Q(course__institute__in=evaluated)
            | Q(pk__in=RunTrainer.objects.filter(user=user).values("run"))
        )

    def completable_by(self, user: "User") -> "RunQuerySet":
        """Runs in which the user may record completions, as institute staff or as trainer."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(course__institute__in=institutes_run_by(user))
            | Q(pk__in=RunTrainer.objects.filter(user=user).values("run"))
        )


class Run(models.Model):
    """One delivery of a course to a cohort."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="runs")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    place = models.CharField(_("place"), max_length=160, blank=True)
    label = models.CharField(_("name of the group"), max_length=80, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Created by the form, which makes submitting it twice idempotent.
    client_id = models.UUIDField(null=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="run_ends_after_it_starts"),
            models.UniqueConstraint(fields=["course", "client_id"], name="run_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.course} ({self.label or self.ends_on})"


class RunTrainer(models.Model):
    """A trainer of a run, who is also a trainer in its month."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="trainers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="run_trainer_once")]

    def __str__(self) -> str:
        return str(self.user)


UNDO_TIME = dt.timedelta(minutes=10)


class CompletionBatchQuerySet(models.QuerySet["CompletionBatch"]):
    def visible_to(self, user: "User") -> "CompletionBatchQuerySet":
        """Those of runs in which the user may record completions."""
        return self.filter(run__in=Run.objects.completable_by(user))

    def without_rows(self) -> "CompletionBatchQuerySet":
        """The same without their rows, which may be megabytes, for lists of them."""
        return self.defer("content", "refused", "header")

    def under_way(self) -> "CompletionBatchQuerySet":
        """Those that were started and are neither complete nor undone."""
        return self.filter(started_at__isnull=False, applied_at=None, undone_at=None)


class CompletionBatch(models.Model):
    """Completions that were recorded together, and can be undone together for ten minutes."""

    class Source(models.TextChoices):
        BUTTON = "button", _("by hand")
        FILE = "file", _("from a file")
        PASTED = "pasted", _("pasted")
        COMMAND = "command", _("by command")

    run = models.ForeignKey(Run, models.CASCADE, related_name="batches")
    source = models.CharField(max_length=8, choices=Source)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    file_name = models.CharField(max_length=160, blank=True)
    content = models.TextField(
        blank=True, help_text="the rows as they were read; emptied when they have been applied"
    )
    started_at = models.DateTimeField(null=True, help_text="when somebody said: apply it")
    claimed_until = models.DateTimeField(null=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0, help_text="how many rows have been gone through")
    already_there = models.PositiveIntegerField(default=0)
    header = models.JSONField(default=list, help_text="the column names of the file")
    refused = models.JSONField(default=list, help_text="rows not taken: line, reason, cells")
    applied_at = models.DateTimeField(null=True)
    opened_month = models.BooleanField(default=False, help_text="the month opened through this batch")
    trainer_by = models.DateField(null=True, help_text="see Month.trainer_by")
    end_before = models.DateTimeField(null=True, help_text="the space's end before this batch moved it")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kept = models.PositiveIntegerField(
        default=0, help_text="people whom undoing left in, as they had written"
    )

    objects = CompletionBatchQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=Q(started_at__isnull=False, applied_at=None, undone_at=None),
                name="batch_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def undo_until(self) -> dt.datetime | None:
        """Until when the batch can be undone; no mail leaves before that."""
        return self.started_at + UNDO_TIME if self.started_at else None

    @property
    def can_still_be_undone(self) -> bool:
        return self.undo_until is not None and self.undone_at is None and clock.now() < self.undo_until


class Enrolment(models.Model):
    """A person's enrolment in a run; completed if `completed_at` is set."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrolments")
    enrolled_at = models.DateTimeField(default=clock.now)
    completed_on = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    batch = models.ForeignKey(CompletionBatch, models.SET_NULL, null=True, related_name="completions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="enrolled_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.run}"
