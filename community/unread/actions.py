"""What makes kept counts out of date. Each of these is one statement, however many people are in a space."""

import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING

from community.unread.models import SpaceVersion, Unread

if TYPE_CHECKING:
    from community.people.models import User


def advance(spaces: Collection[int]) -> None:
    """Have everybody's counts in these spaces counted again. Called in the transaction that changes what can
    be new there, after the posts are locked and before any bell is."""
    versions = [SpaceVersion(space_id=space, token=_token()) for space in sorted(spaces)]
    SpaceVersion.objects.bulk_create(
        versions, update_conflicts=True, unique_fields=["space"], update_fields=["token"]
    )


def advance_own(user: "User", space: int) -> None:
    """Have one reader's counts in a space counted again. Called in the transaction of their visit."""
    # Inserted where there is none: a count that began before this visit would else be stored as valid.
    Unread.objects.bulk_create(
        [Unread(user=user, space_id=space, state=_token())],
        update_conflicts=True,
        unique_fields=["space", "user"],
        update_fields=["state"],
    )


def _token() -> int:
    return secrets.randbelow(2**62) + 1
