"""Export and erasure of personal data: each subject registers which of its rows refer to a user.

A subject's `privacy.py` contains `export_for(user)` and `erase(user)` and registers them when its app is
ready. A test fails for any relation to the user that no subject covers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress

from common.addresses import normalize_address

SMALLEST_GROUP_SHOWN = 5
"""Minimum number of people behind a figure that is shown; with fewer it could identify one of them."""

Export = Callable[[Any], dict[str, Any]]
Erase = Callable[[Any], None]
Obstacle = Callable[[Any], Iterable[str]]
"""Returns sentences on what has to be done before this user may be erased. Called in a transaction, in which
it locks what it was decided on."""
Departure = Callable[[Any], None]


@dataclass(frozen=True)
class Handler:
    """How one subject exports and erases a user's rows; `fields` names relations as "app.Model.field"."""

    subject: str
    export: Export
    erase: Erase
    fields: frozenset[str]
    owns_account: bool


_handlers: dict[str, Handler] = {}
_obstacles: list[Obstacle] = []
_departures: list[tuple[Departure, Departure]] = []


def register(
    subject: str, export: Export, erase: Erase, fields: Iterable[str], *, owns_account: bool = False
) -> None:
    """Register how a subject exports and erases; registering again replaces it. The subject that owns the
    account is erased last, since the others find rows by its name and address."""
    _handlers[subject] = Handler(subject, export, erase, frozenset(fields), owns_account)


def register_obstacle(find: Obstacle) -> None:
    """Register what may have to be done before a user is erased, such as naming another coordinator."""
    _obstacles.append(find)


def register_departure(announce: Departure, call_off: Departure) -> None:
    """Register whom to notify when a user has asked to be erased, and what to do when they keep the account.
    Both are called in the transaction of that change."""
    _departures.append((announce, call_off))


def covered() -> frozenset[str]:
    """All relations to the user that some subject covers."""
    return frozenset().union(*(handler.fields for handler in _handlers.values()))


def subjects() -> tuple[str, ...]:
    """The names of all subjects."""
    return tuple(_handlers)


def export_of(subject: str, user: Any) -> dict[str, Any]:
    """What one subject has of this user."""
    return _handlers[subject].export(user)


def export_for(user: Any) -> dict[str, dict[str, Any]]:
    """Everything of this user by subject, as values that can be written as JSON."""
    return {name: export_of(name, user) for name in _handlers}


def obstacles_of(user: Any) -> list[str]:
    """Sentences on what has to be done before this user may be erased; empty if nothing."""
    return [sentence for find in _obstacles for sentence in find(user)]


def announce_departure(user: Any) -> None:
    """Call the listeners after a user has asked to be erased."""
    for announce, _call_off in _departures:
        announce(user)


def call_off_departure(user: Any) -> None:
    """Call the listeners after a user has decided to keep the account."""
    for _announce, call_off in _departures:
        call_off(user)


def erase(user: Any) -> None:
    """Erase this user in every subject, those that depend on others first.

    Apps become ready from the top down and register their subjects in that order; the subject that owns the
    account is last, since others look rows up by the name and the address. Each subject has a transaction of
    its own, so that locks of several subjects cannot deadlock. Erasing is idempotent, so an interrupted run
    is simply repeated. `community.erasure` calls this and does what belongs to it.
    """
    for handler in sorted(_handlers.values(), key=lambda each: each.owns_account):
        handler.erase(user)


def addresses_of(user: Any) -> tuple[set[str], set[str]]:
    """The addresses of this user, and those of them that are nobody else's: a contact address may be shared.

    Each as it is stored and in the one spelling of addresses.
    """
    stored = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)} - {""}
    all_of_them = stored | {_spelling(address) for address in stored}
    contacts = (
        type(user).objects.filter(email__in=all_of_them).exclude(pk=user.pk).values_list("email", flat=True)
    )
    verified = EmailAddress.objects.filter(email__in=all_of_them, verified=True).exclude(user=user)
    shared = {*contacts, *verified.values_list("email", flat=True)}
    return all_of_them, {address for address in all_of_them if not {address, _spelling(address)} & shared}


def _spelling(address: str) -> str:
    try:
        return normalize_address(address)
    except ValueError:
        return address
