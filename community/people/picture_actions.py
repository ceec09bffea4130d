"""Choose and remove the picture of oneself."""

from django.db import transaction

from community.people.models import User
from messaging.files.actions import attach, delete_files_of
from messaging.files.models import File

PICTURE = "person"
"""The kind of the file that shows a person. Who shares a space with them may see it (community.spaces)."""


@transaction.atomic
def choose_picture(*, user: User, file: File) -> None:
    """Let this file, which waits, show its uploader. The picture before it is deleted.

    Raises UploadError if the file is gone or not theirs.
    """
    delete_files_of(PICTURE, [user.pk])
    attach(kind=PICTURE, thing_id=user.pk, keys=[file.key], by=user)
    _show(user, file.pk)


@transaction.atomic
def remove_picture(*, user: User) -> None:
    """Show initials again. The file waits, seen by its owner alone, until housekeeping deletes it."""
    attach(kind=PICTURE, thing_id=user.pk, keys=[], by=user)
    _show(user, None)


def _show(user: User, picture: int | None) -> None:
    User.objects.filter(pk=user.pk).update(picture=picture)
    user.picture = picture
