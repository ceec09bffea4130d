"""Steps that participants reported in a sentence."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from followup.courses.models import Step
from followup.months.models import Month


class StepTold(models.Model):
    """A step reported in one sentence by the participant, perhaps for the trainer alone."""

    month = models.ForeignKey(Month, models.CASCADE, related_name="steps_told")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    step = models.CharField(max_length=12, choices=Step)
    sentence = models.CharField(_("in one sentence"), max_length=300)
    trainer_only = models.BooleanField(_("for the trainer only"), default=False)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "user", "step"], name="step_told_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.step}"
