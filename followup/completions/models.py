"""What one completion of a batch changed. The batch itself is in `courses`: an enrolment points at it."""

from typing import TypedDict

from django.conf import settings
from django.db import models

from followup.courses.models import CompletionBatch


class RefusedRow(TypedDict):
    """An element of `CompletionBatch.refused`."""

    line: int
    reason: str
    about: str
    cells: list[str]


class CompletionEntry(models.Model):
    """What one completion of a batch changed, so that exactly this can be undone."""

    batch = models.ForeignKey(CompletionBatch, models.CASCADE, related_name="entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_person = models.BooleanField(default=False)
    enrolled = models.BooleanField(default=False)
    admitted = models.BooleanField(default=False, help_text="was not in the space before")
    awaiting_until = models.DateTimeField(null=True, help_text="how long the membership would have waited")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "user"], name="batch_entry_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.batch}"
