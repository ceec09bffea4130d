"""Use-cases of accounts: create, join, edit the profile, suspend."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Listed:
    """A person as a list names them. The address is empty or an address."""

    name: str
    address: str
    language: str
    time_zone: str
    occupation: str = ""


def find_or_create_user(*, institute: int | None = None, **listed: str) -> tuple[User, bool]:
    """The user for one person of a list, and whether it was created, see `find_or_create_users`."""
    [found] = find_or_create_users([Listed(**listed)], institute=institute)
    return found


@transaction.atomic
def find_or_create_users(
    people: Sequence[Listed], *, institute: int | None = None
) -> list[tuple[User, bool]]:
    """The user for each person of a list, and whether it was created, in a fixed number of statements; more
    only for those whose name or proof changes. Idempotent.

    That is the user who verified the address, whatever the name in the list; otherwise a user with that
    address who has not joined yet, whose name stays as it was first listed. A list of an institute finds only
    whom that institute has to do with already (see `belonging`). Raises ValueError if an address is neither
    empty nor an address.
    """
    listed = [replace(one, address=normalize_address(one.address)) if one.address else one for one in people]
    known = _Known({one.address for one in listed if one.address}, institute)
    found: list[tuple[User, bool]] = []
    for one in listed:
        user, is_new = known.user_for(one), False
        if user is None:
            user, is_new = known.add(one), True
        found.append((user, is_new))
    User.objects.bulk_create([user for user, is_new in found if is_new])
    return found


class _Known:
    """The users with some addresses, which stay locked until the end of the transaction."""

    def __init__(self, addresses: Collection[str], institute: int | None) -> None:
        lock_addresses(addresses)
        self.institute = institute
        verified = EmailAddress.objects.filter(email__in=addresses, verified=True)
        self.owners = {each.email: each.user for each in verified.select_related("user")} if addresses else {}
        self.expected: dict[str, list[User]] = {}
        if addresses:
            for user in User.objects.filter(email__in=addresses, joined_at=None).order_by("pk"):
                self.expected.setdefault(user.email, []).append(user)
        expected = [user.pk for users in self.expected.values() for user in users]
        self.known_at = (
            belonging.institutes_of([*expected, *(user.pk for user in self.owners.values())])
            if institute is not None
            else {}
        )
        signed_up = EmailAddress.objects.filter(user__in=expected)
        self.signed_up = set(signed_up.values_list("user", flat=True)) if expected else set()
        self._named: set[int | None] = {None}
        """Those whom an earlier line of the list named; who is not stored yet is new in it."""

    def user_for(self, one: Listed) -> User | None:
        """The user for somebody, None if there is none yet."""
        owner = self.owners.get(one.address)
        if owner and (self.institute is None or self.institute in self.known_at[owner.pk]):
            return owner
        expected = [user for user in self.expected.get(one.address, []) if self._may_be_found(user)]
        if not expected:
            return None
        same_name = [user for user in expected if user.name.casefold() == one.name.casefold()]
        found = (same_name or expected)[0]
        if found.pk in self._named:
            return found
        self._named.add(found.pk)
        if self.institute is not None and not self._institutes(found) and _is_from_another_list(found):
            found.name = one.name or found.name
            found.save(update_fields=["name"])
        return _as_listed(found, one) if found.pk in self.signed_up else found

    def add(self, one: Listed) -> User:
        """A user who is not stored yet. Whoever has the same address in this list is the same."""
        user = User(
            name=one.name,
            email=one.address,
            language=one.language,
            time_zone=one.time_zone,
            occupation=one.occupation,
        )
        user.set_unusable_password()
        if one.address:
            self.expected.setdefault(one.address, []).append(user)
        return user

    def _institutes(self, user: User) -> set[int]:
        return self.known_at.get(user.pk, set())

    def _may_be_found(self, user: User) -> bool:
        return (
            self.institute is None or not self._institutes(user) or self.institute in self._institutes(user)
        )


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


def record_pictures_explained(*, user: User) -> None:
    """Record that this user was told what pictures may show, so that it is not said again."""
    User.objects.filter(pk=user.pk, pictures_explained_at=None).update(pictures_explained_at=clock.now())


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


def _as_listed(person: User, listed: Listed) -> User:
    """The same user. Values from the open sign-up page, which anybody may have typed, are replaced by
    those of the list."""
    person.name, person.occupation = listed.name or person.name, listed.occupation
    person.set_unusable_password()
    person.save(update_fields=["name", "occupation", "password"])
    EmailAddress.objects.filter(user=person, verified=False).delete()
    return person


def _is_from_another_list(person: User) -> bool:
    """Whether somebody else typed the name, of whom there is nothing left but this row."""
    return person.created_at < clock.now() - dt.timedelta(hours=1)


def lock_address(address: str) -> None:
    """Lock one address, see `lock_addresses`."""
    lock_addresses([address] if address else [])


def lock_addresses(addresses: Collection[str]) -> None:
    """Serialize transactions that look up the same addresses, so that two imports do not create two users,
    and two accounts do not verify one. They are locked in one order, before users, and these before their
    invitations. SQLite has one writer anyway."""
    if addresses and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(number) FROM (SELECT DISTINCT hashtext(address) AS number"
                " FROM unnest(%s::text[]) AS address ORDER BY number) AS numbers",
                [list(addresses)],
            )
