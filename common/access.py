"""Refusals with a sentence for the user (403), and the actor of what no person does.

Lookups start at `visible_to(user)` and give 404; actions check a `can_...` and raise Refused.
"""

from typing import Final, TypeVar

from django.core.exceptions import PermissionDenied

Person = TypeVar("Person")


class Refused(PermissionDenied):
    """An action that this person may not do now. Its text is shown to them as it is."""


class System:
    """The actor of what no person does: a job, a command on the server, a rule of the month.

    An action that takes `by: User | System` asks no permission of it and records nobody (`recorded`). It is
    passed explicitly, so that a forgotten user can never be taken for it.
    """

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()
"""The one system actor."""


def recorded(by: "Person | System") -> "Person | None":
    """Whom a row names as having done something: the person, or nobody for the system."""
    return None if isinstance(by, System) else by


def require(allowed: bool, sentence: str) -> None:
    """Raise Refused with the sentence unless allowed."""
    if not allowed:
        raise Refused(sentence)
