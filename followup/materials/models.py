"""Materials of a course group: files and links."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from followup.courses.models import Run

KIND = "material"
"""The kind under which files of materials are stored."""


class Material(models.Model):
    """A file or a link of a run, visible in its month's space from the opening on."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="materials")
    title = models.CharField(_("title"), max_length=160)
    link = models.URLField(_("link"), max_length=500, blank=True)
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
