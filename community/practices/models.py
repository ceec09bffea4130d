"""Practices: structured accounts of what a user tried in their work, and try-outs built on them."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.institutes.licence_models import Licensed
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


class Practice(Licensed, SpacePost):
    """An account of something tried, with facts by which others find it. Built on another practice it is a
    try-out: "I tried this too", what was done differently (`tried`) and how it went (`outcome`)."""

    class Subject(models.TextChoices):
        EARLY = "early", _("Play and early learning")
        LITERATURE = "literature", _("Language and literature")
        LANGUAGES = "languages", _("Foreign languages")
        MATHS = "maths", _("Mathematics")
        SCIENCE = "science", _("Science")
        BIOLOGY = "biology", _("Biology")
        CHEMISTRY = "chemistry", _("Chemistry")
        PHYSICS = "physics", _("Physics")
        GEOGRAPHY = "geography", _("Geography")
        HISTORY = "history", _("History and civics")
        COMPUTING = "computing", _("Computing")
        CRAFTS = "crafts", _("Technology and home economics")
        TRADE = "trade", _("Vocational subjects")
        ART = "art", _("Art")
        MUSIC = "music", _("Music and drama")
        SPORT = "sport", _("Physical education")
        ETHICS = "ethics", _("Religion and ethics")
        CLASS_TIME = "class-time", _("Form time")
        SUPPORT = "support", _("Special needs and support")
        LIBRARY = "library", _("Library and media")
        SCHOOL = "school", _("Whole school")
        OTHER = "other", _("Several subjects, or another")

    class Phase(models.TextChoices):
        PRESCHOOL = "preschool", _("Pre-school")
        PRIMARY = "primary", _("Primary school")
        LOWER_SECONDARY = "lower-secondary", _("Lower secondary")
        UPPER_SECONDARY = "upper-secondary", _("Upper secondary")
        VOCATIONAL = "vocational", _("Vocational training")
        ADULTS = "adults", _("Adults and colleagues")
        SEVERAL = "several", _("Whole school, or several")

    class TimeUnit(models.TextChoices):
        MINUTES = "minutes", _("minutes")
        LESSONS = "lessons", _("lessons")
        WEEKS = "weeks", _("weeks")

    class Outcome(models.TextChoices):
        WORKED = "worked", _("It worked")
        PARTLY = "partly", _("It partly worked")
        NOT = "not", _("It didn’t work")

    KIND = "practice"
    SEARCHED = ("title", "setting", "context", "tried", "happened", "change", "materials")
    SOURCES = ("context", "tried", "happened", "change")
    LOCKED_WITH = ("space__institute",)

    space = models.ForeignKey(Space, models.CASCADE, related_name="practices", db_index=False)
    builds_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="try_outs")
    origin = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="chain",
        help_text="of a try-out: the practice with which its chain begins",
    )
    title = models.CharField(_("title"), max_length=160)
    setting = models.CharField(
        _("where"), max_length=160, blank=True, help_text=_("Grade and subject, group or office")
    )
    context = models.TextField(_("The situation"), blank=True)
    context_html = models.TextField(editable=False, blank=True)
    tried = models.TextField(_("What I tried"), blank=True)
    tried_html = models.TextField(editable=False, blank=True)
    happened = models.TextField(_("What happened"), blank=True)
    happened_html = models.TextField(editable=False, blank=True)
    change = models.TextField(_("What I would change"), blank=True)
    change_html = models.TextField(editable=False, blank=True)
    subject = models.CharField(_("subject"), max_length=20, choices=Subject, blank=True)
    phase = models.CharField(_("phase"), max_length=20, choices=Phase, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)
    class_size = models.PositiveSmallIntegerField(null=True, blank=True)
    time_needed = models.PositiveSmallIntegerField(null=True, blank=True)
    time_unit = models.CharField(max_length=10, choices=TimeUnit, default=TimeUnit.MINUTES)
    materials = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(
        max_length=10, choices=Outcome, blank=True, help_text="of a try-out; older ones did not say it"
    )
    try_out_count = models.PositiveIntegerField(
        default=0, help_text="published try-outs built on it, and on these"
    )
    worked_count = models.PositiveIntegerField(default=0, help_text="those of them that worked")
    published_at = models.DateTimeField(null=True)
    last_number = models.PositiveIntegerField(
        default=0, help_text="number of the newest comment; 0 with none"
    )

    objects = PracticeQuerySet.as_manager()

    class Meta(SpacePost.Meta):
        indexes = [models.Index(fields=["space", "-published_at"], name="practice_newest_first")]

    def __str__(self) -> str:
        return self.title

    def lock(self) -> Self:
        """The beginning of its chain is locked first, since the counts of the whole chain are stored."""
        if self.origin_id is not None:
            Practice.objects.locked().only("pk").get(pk=self.origin_id)
        return super().lock()


class PracticeVisit(models.Model):
    """Records that a reader has opened a practice, and up to which comment they have read (0: none)."""

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="visits", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "user"], name="practice_visit_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.practice} to {self.number}"
