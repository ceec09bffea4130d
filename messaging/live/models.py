"""What was taken from somebody a short while ago: a place in a room, or a sign-in."""

from django.db import models

from common import clock


class Revocation(models.Model):
    """Rights of a person changed, or a sign-in of theirs ended.

    Written in the transaction that does it, so that a server which heard no hint finds it within a sweep, and
    so that a ticket made before it is not believed. Kept for as long as tickets live, then swept away.
    Without a foreign key: it stands for an hour at most, and says nothing of a person but that something
    changed.
    """

    person = models.BigIntegerField()
    session = models.CharField(max_length=32, blank=True)
    """The digest of the session that ended; empty when all did, or when only rights changed."""
    ends = models.BooleanField(default=False)
    """Whether a sign-in ended, and not only rights changed."""
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"{'sign-in' if self.ends else 'rights'} of {self.person}"
