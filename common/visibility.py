"""Generic references: a kind and a number. A file is attached to one, a notification is about one.

Only the subject that owns a kind decides who may see which of its rows; it is asked again every time before
something about them is shown, served or mailed.
"""

from collections.abc import Callable, Iterable
from typing import Any

VisibleIds = Callable[[Any, Iterable[int]], set[int]]
_registered: dict[str, VisibleIds] = {}


def register_visibility(kind: str, visible_ids: VisibleIds) -> None:
    """Register the function that returns which of these ids a user may see. One query per kind."""
    _registered[kind] = visible_ids


def visible(user: Any, kind: str, ids: Iterable[int]) -> set[int]:
    """Those of these ids that the person may see now; none of a kind that nobody registered."""
    visible_ids = _registered.get(kind)
    return visible_ids(user, ids) if visible_ids else set()
