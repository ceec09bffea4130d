"""Recent revocations of rights and sign-ins."""

from django.db import models

from common import clock


class Revocation(models.Model):
    """Rights of a person changed, or a sign-in of theirs ended.

    Inserted in the transaction of the change, so that a server whose hint was lost finds it when it
    reconciles, and so that tickets issued before it are stale. Deleted an hour later; no foreign key, because
    it contains no personal data beside the id.
    """

    person = models.BigIntegerField()
    session = models.CharField(max_length=32, blank=True)
    """The digest of the session that ended; empty when all did, or when only rights changed."""
    ends = models.BooleanField(default=False)
    """Whether a sign-in ended, and not only rights changed."""
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"{'sign-in' if self.ends else 'rights'} of {self.person}"
