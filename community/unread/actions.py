"""What makes kept counts out of date. Each of these is one statement, however many people are in a space."""

import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import connection

from community.unread.models import SpaceVersion, Unread

if TYPE_CHECKING:
    from community.people.models import User


def advance(spaces: Collection[int]) -> None:
    """Have everybody's counts in these spaces counted again. Called in the transaction that changes what can
    be new there, after the posts are locked and before any bell is."""
    if not spaces:
        return
    # As `bulk_create` would, which takes several times as long to write the text: every post does this.
    table = connection.ops.quote_name(SpaceVersion._meta.db_table)
    places = ", ".join(["(%s, %s)"] * len(spaces))
    values = [value for space in sorted(spaces) for value in (space, _token())]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (space_id, token) VALUES {places} "
            "ON CONFLICT (space_id) DO UPDATE SET token = excluded.token",
            values,
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
