"""Export and erasure of personal data: each subject registers which of its rows refer to a user.

A subject's `privacy.py` contains `export_for(user)` and `erase(user)` and registers them when its app is
ready. A test fails for any relation to the user that no subject covers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

SMALLEST_GROUP_SHOWN = 5
"""Minimum number of people behind a figure that is shown; with fewer it could identify one of them."""

Export = Callable[[Any], dict[str, Any]]
Erase = Callable[[Any], None]


@dataclass(frozen=True)
class Handler:
    """How one subject exports and erases a user's rows; `fields` names relations as "app.Model.field"."""

    subject: str
    export: Export
    erase: Erase
    fields: frozenset[str]


_handlers: dict[str, Handler] = {}


def register(subject: str, export: Export, erase: Erase, fields: Iterable[str]) -> None:
    """Register how a subject exports and erases; registering again replaces it."""
    _handlers[subject] = Handler(subject, export, erase, frozenset(fields))


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


def erase(user: Any) -> None:
    """Erase this user in every subject, those that depend on others first.

    Apps become ready from the top down and register their subjects in that order; people are last, since
    others look rows up by the address. Each subject has a transaction of its own, so that locks of several
    subjects cannot deadlock. Erasing is idempotent, so an interrupted run is simply repeated.
    """
    for handler in _handlers.values():
        handler.erase(user)
