"""Refusals with a sentence for the user (403), and the actor of automatic changes.

Lookups start at `visible_to(user)` and give 404; actions check a `can_...` and raise Refused.
"""

from typing import Final, TypeVar

from django.core.exceptions import PermissionDenied

Person = TypeVar("Person")


class Refused(PermissionDenied):
    """The user may not do this now. The message is shown to them as it is."""


class System:
    """The actor of automatic changes: a job, a management command, a rule of the month.

    An action that takes `by: User | System` skips permission checks for it and records nobody (`recorded`).
    It is passed explicitly, so that a missing user is never mistaken for it.
    """

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()
"""The one system actor."""


def recorded(by: "Person | System") -> "Person | None":
    """The value for a `..._by` column: the user, or None for the system."""
    return None if isinstance(by, System) else by


def require(allowed: bool, sentence: str) -> None:
    """Raise Refused with the sentence unless allowed."""
    if not allowed:
        raise Refused(sentence)
