"""The sign of life of those who do what is due."""

from django.db import models

from common import clock


class Pulse(models.Model):
    """When somebody last went through all that was due; `/ready/` asks."""

    name = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
