"""What is kept of how much is new to a reader in a space, and when it is out of date."""

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce

from community.spaces.models import Space

NEVER = 0
"""The token of a space or a reader whose posts or visits have not changed yet."""


class SpaceVersion(models.Model):
    """A token that every change of what can be new in a space replaces, in its own transaction.

    Tokens are random and compared for equality alone, so that a rolled back one never comes again. A table of
    its own, since who closes a space locks the space before the room, and who writes locks them the other way
    round.
    """

    space = models.OneToOneField(Space, models.CASCADE, primary_key=True, related_name="version")
    token = models.BigIntegerField(default=NEVER)

    def __str__(self) -> str:
        return f"{self.space} at {self.token}"


def token_of(space: str = "") -> Coalesce:
    """The token of a space at a path that ends with "__"; without one, of the rows' own."""
    return Coalesce(f"{space}version__token", Value(NEVER))


class Unread(models.Model):
    """How much was new to a reader when it was counted last.

    Valid while `space_token` is the token of the space, `own_token` is `state`, and the reader reads as one
    who answers questions if and only if they did then.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    space = models.ForeignKey(Space, models.CASCADE, related_name="unread", db_index=False)
    # Replaced by every visit of the reader's own that changes what they have read.
    state = models.BigIntegerField(default=NEVER)
    space_token = models.BigIntegerField(null=True)
    own_token = models.BigIntegerField(null=True)
    as_answerer = models.BooleanField(default=False)
    threads = models.PositiveIntegerField(default=0)
    practices = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "user"], name="unread_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.space}: {self.threads} and {self.practices}"
