"""The month that follows a course: its prompts, its extensions, and what falls due in it.

The month owns a space. Its end is `space.closes_at` and nothing else.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from community.spaces.models import Space
from followup.courses.models import Course, Run, Step

if TYPE_CHECKING:
    from community.people.models import User


class MonthQuerySet(models.QuerySet["Month"]):
    def visible_to(self, user: "User") -> "MonthQuerySet":
        """Those whose space the user may see."""
        return self.filter(space__in=Space.objects.visible_to(user))

    def open(self) -> "MonthQuerySet":
        """Those not yet closed."""
        return self.filter(space__closes_at__gt=clock.now())


class Month(models.Model):
    """The follow-up of one or several runs of a course."""

    class OpenedBy(models.TextChoices):
        COORDINATOR = "coordinator", _("by the coordinator")
        IMPORT = "import", _("by a completion list")
        ROOM = "room", _("in the classroom, on the last day")
        DATE = "date", _("automatically, after the last day")

    SPACE_KIND = "follow-up"

    space = models.OneToOneField(Space, models.CASCADE, related_name="month")
    course = models.ForeignKey(Course, models.PROTECT, related_name="months")
    opened_on = models.DateField(help_text="the local date of the first day")
    opened_by = models.CharField(max_length=12, choices=OpenedBy)
    opener = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    nobody_since = models.DateTimeField(
        null=True, help_text="when it was noticed that nobody is on hand; empty while somebody is"
    )
    trainer_by = models.DateField(
        null=True, help_text="until when somebody will be on hand, as said by who opened it without a trainer"
    )

    objects = MonthQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.course}, {self.opened_on}"


class MonthRun(models.Model):
    """Assigns a run to its month; a month may serve several runs of its course."""

    month = models.ForeignKey(Month, models.CASCADE, related_name="month_runs")
    run = models.OneToOneField(Run, models.CASCADE, related_name="month_run")

    def __str__(self) -> str:
        return f"{self.run} in {self.month}"


class MonthPrompt(models.Model):
    """The prompt of a month from one day on."""

    month = models.ForeignKey(Month, models.CASCADE, related_name="prompts")
    position = models.PositiveSmallIntegerField()
    on = models.DateField()
    step = models.CharField(max_length=12, choices=Step)
    title = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["month", "position"], name="prompt_position_once")]

    def __str__(self) -> str:
        return self.title


class Extension(models.Model):
    """A later end, with its reason; the trainer is on hand in it only after their own yes."""

    class OnHand(models.TextChoices):
        NO = "no", _("the trainer isn’t available")
        ASKED = "asked", _("the trainer has been asked")
        YES = "yes", _("the trainer stays available")

    month = models.ForeignKey(Month, models.CASCADE, related_name="extensions")
    previous_closes_at = models.DateTimeField()
    last_day = models.DateField()
    reason = models.CharField(_("reason"), max_length=300)
    on_hand = models.CharField(max_length=6, choices=OnHand, default=OnHand.NO)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    extended_at = models.DateTimeField(default=clock.now)
    extended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.month} to {self.last_day}"


class Occasion(models.Model):
    """A notification of the members that is due once. A moved end replaces those that are not done yet."""

    class Kind(models.TextChoices):
        PROMPT = "prompt", _("this week")
        WEEK_BEFORE = "week-before", _("a week before the end")
        DAY_BEFORE = "day-before", _("a day before the end")
        CLOSED = "closed", _("closed")
        CONFIRM_NOTICE = "confirm-notice", _("not confirmed yet")
        CONFIRM_OVER = "confirm-over", _("not confirmed in time")
        TRAINER_DUE = "trainer-due", _("someone should be available by now")

    month = models.ForeignKey(Month, models.CASCADE, related_name="occasions")
    kind = models.CharField(max_length=16, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0, help_text="of the prompt; otherwise 0")
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "position", "due_at"], name="occasion_once")
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(done_at=None), name="occasion_waiting")]

    def __str__(self) -> str:
        return f"{self.month}: {self.get_kind_display()}"
