"""Saying no in a sentence a person understands.

Looking up starts at `visible_to(user)` and answers 404; acting asks a `can_...` and answers 403 with
the sentence given here.
"""

from django.core.exceptions import PermissionDenied


class Refused(PermissionDenied):
    """An action that this person may not do now. Its text is shown to them as it is."""


def require(allowed: bool, sentence: str) -> None:
    """Raise Refused with the sentence unless allowed."""
    if not allowed:
        raise Refused(sentence)
