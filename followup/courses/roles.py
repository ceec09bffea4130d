"""The roles in the space of a course group's month; `overview.kind` declares their rights."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpaceRole(models.TextChoices):
    """The names of the roles, as memberships store them."""

    PARTICIPANT = "participant", _("participant")
    TRAINER = "trainer", _("trainer")
    COORDINATOR = "coordinator", _("coordinator")
