"""Use-cases of accounts: create, join, edit the profile, suspend."""

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from common import clock
from common.addresses import normalize_address

if TYPE_CHECKING:
    from collections.abc import Mapping

from community.people import belonging
from community.people.models import User
from community.people.zones import UNKNOWN_ZONE
from messaging.live import publish


def verified_owner_of(address: str) -> User | None:
    """The user who has verified this address, or None."""
    try:
        spelling = normalize_address(address)
    except ValueError:
        return None
    verified = EmailAddress.objects.filter(email=spelling, verified=True)
    owner = verified.select_related("user").first()
    return owner.user if owner else None


@transaction.atomic
def find_or_create_user(
    *,
    name: str,
    address: str,
    language: str,
    time_zone: str,
    occupation: str = "",
    institute: int | None = None,
) -> tuple[User, bool]:
    """The user for a name and address from a list, and whether it was created. Idempotent.

    That is the user who verified the address, whatever the name in the list; otherwise a user with that
    address who has not joined yet, whose name stays as it was first listed. A list of an institute finds only
    whom that institute has to do with already (see `belonging`). Raises ValueError if `address` is neither
    empty nor an address.
    """
    address = normalize_address(address) if address else ""
    lock_address(address)
    if address:
        owner = verified_owner_of(address)
        expected = list(User.objects.filter(email=address, joined_at=None).order_by("pk"))
        people = [owner, *expected] if owner else expected
        known_at = belonging.institutes_of([person.pk for person in people]) if institute else {}
        if owner and (institute is None or institute in known_at[owner.pk]):
            return owner, False
        if institute is not None:
            expected = [one for one in expected if institute in known_at[one.pk] or not known_at[one.pk]]
        same_name = [person for person in expected if person.name.casefold() == name.casefold()]
        if expected:
            found = (same_name or expected)[0]
            if institute is not None and not known_at[found.pk] and _is_from_another_list(found):
                found.name = name or found.name
                found.save(update_fields=["name"])
            return _as_listed(found, name, occupation), False
    person = User.objects.create_user(
        name, address, language=language, time_zone=time_zone, occupation=occupation
    )
    return person, True


@transaction.atomic
def make_administrator(*, name: str, address: str) -> User:
    """Make a user an administrator, creating the account if needed. Called by a command only. Returns the
    user."""
    person, _new = find_or_create_user(name=name, address=address, language="en", time_zone=UNKNOWN_ZONE)
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])
    return person


@transaction.atomic
def join(user: User) -> None:
    """Set `joined_at` after the first address was verified. Idempotent."""
    if user.joined_at is None:
        user.joined_at = clock.now()
        user.save(update_fields=["joined_at"])


@transaction.atomic
def change_profile(*, user: User, fields: "Mapping[str, str]") -> None:
    """Update the profile: names, occupation, language, time zone, theme. Raises ValidationError."""
    for name, value in fields.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password", "email"])
    user.save(update_fields=list(fields))
    publish.rights_changed(user.pk)  # open sockets cache the name and whether presence is shown


@transaction.atomic
def suspend(*, user: User) -> None:
    """Deny a user sign-in, and close their sockets and revoke their tickets. Their posts stay. Idempotent."""
    now = clock.now()
    if User.objects.filter(pk=user.pk, suspended_at=None).update(suspended_at=now):
        publish.signed_out(user.pk)
    user.refresh_from_db(fields=["suspended_at"])


@transaction.atomic
def unsuspend(*, user: User) -> None:
    """Undo a suspension. Memberships and roles were not touched by it. Idempotent."""
    user.suspended_at = None
    user.save(update_fields=["suspended_at"])


def _as_listed(person: User, name: str, occupation: str) -> User:
    """The same user. Values from the open sign-up page, which anybody may have typed, are replaced by
    those of the list."""
    from_sign_up = EmailAddress.objects.filter(user=person).exists()
    if from_sign_up:
        person.name, person.occupation = name or person.name, occupation
        person.set_unusable_password()
        person.save(update_fields=["name", "occupation", "password"])
        EmailAddress.objects.filter(user=person, verified=False).delete()
    return person


def _is_from_another_list(person: User) -> bool:
    """Whether somebody else typed the name, of whom there is nothing left but this row."""
    return person.created_at < clock.now() - dt.timedelta(hours=1)


def lock_address(address: str) -> None:
    """Serialize transactions that look up the same address, so that two imports do not create two users, and
    two accounts do not verify it. It is locked before users, and these before their invitations.
    SQLite has one writer anyway."""
    if address and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [address])
