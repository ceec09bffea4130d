"""What happens to people: they are written down, join, change their profile, are suspended."""

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from common import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

from community.people.models import User
from messaging.live import publish


def normal_address(address: str) -> str:
    """The one spelling in which we keep and look up an address."""
    return address.strip().lower()


def holder_of(address: str) -> User | None:
    """Who has proved that this address is theirs."""
    proved = EmailAddress.objects.filter(email=normal_address(address), verified=True)
    owner = proved.select_related("user").first()
    return owner.user if owner else None


@transaction.atomic
def find_or_make(
    *, name: str, address: str, language: str, time_zone: str, occupation: str = ""
) -> tuple[User, bool]:
    """The person a list means, and whether they are new to us.

    Who has proved the address is meant, whatever the list calls them. Otherwise it is somebody with that
    address who has not joined yet; they keep the name they were first listed under, until they join and say
    it themselves.
    """
    address = normal_address(address)
    _wait_for_others_with(address)
    if address and (holder := holder_of(address)):
        return holder, False
    if address:
        expected = list(User.objects.filter(email__iexact=address, joined_at=None).order_by("pk"))
        same_name = [person for person in expected if person.name.casefold() == name.casefold()]
        if expected:
            return _as_listed((same_name or expected)[0], name, occupation), False
    person = User.objects.create_user(
        name, address, language=language, time_zone=time_zone, occupation=occupation
    )
    return person, True


@transaction.atomic
def make_administrator(*, name: str, address: str) -> User:
    """Have somebody run this installation, who may be new to us. Only a command does this, never a page."""
    person, _new = find_or_make(name=name, address=address, language="en", time_zone="UTC")
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])
    return person


@transaction.atomic
def join(user: User) -> None:
    """Note that somebody has come in: their address is proved."""
    if user.joined_at is None:
        user.joined_at = clock.now()
        user.save(update_fields=["joined_at"])


@transaction.atomic
def change_profile(*, user: User, fields: "Mapping[str, str]") -> None:
    """Write what somebody says of themselves: name, occupation, language, time zone, colours."""
    for name, value in fields.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password", "email"])
    user.save(update_fields=list(fields))
    publish.rights_changed(user.pk)  # open sockets know the name, and whether it is shown


@transaction.atomic
def suspend(*, user: User) -> None:
    """Keep somebody out from now on; what they have open stops at once. What they wrote stays."""
    if user.suspended_at is None:
        user.suspended_at = clock.now()
        user.save(update_fields=["suspended_at"])
        publish.signed_out(user.pk)


@transaction.atomic
def readmit(*, user: User) -> None:
    """Let a suspended person in again."""
    user.suspended_at = None
    user.save(update_fields=["suspended_at"])


def _as_listed(person: User, name: str, occupation: str) -> User:
    """The same person; what a stranger may have typed for them on the open sign-up page gives way to the
    list."""
    typed_by_anybody = EmailAddress.objects.filter(user=person).exists()
    if typed_by_anybody:
        person.name, person.occupation = name or person.name, occupation
        person.set_unusable_password()
        person.save(update_fields=["name", "occupation", "password"])
        EmailAddress.objects.filter(user=person, verified=False).delete()
    return person


def _wait_for_others_with(address: str) -> None:
    """Have two imports that meet the same new person take turns. SQLite writes one by one anyway."""
    if address and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [address])
