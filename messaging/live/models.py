"""Rights and sign-ins that ended a short while ago."""

from django.db import models

from common import clock


class Revocation(models.Model):
    """Rights of a person changed, or a sign-in of theirs ended.

    Written in the transaction that does it, so that a server whose hint was lost finds it when it reconciles,
    and so that tickets issued before it are not trusted. Deleted an hour later; no foreign key, because it
    says nothing of a person but that something changed.
    """

    person = models.BigIntegerField()
    session = models.CharField(max_length=32, blank=True)
    """The digest of the session that ended; empty when all did, or when only rights changed."""
    ends = models.BooleanField(default=False)
    """Whether a sign-in ended, and not only rights changed."""
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"{'sign-in' if self.ends else 'rights'} of {self.person}"
