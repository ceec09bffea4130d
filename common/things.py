"""Things named generically, by a kind and a number: a file hangs on one, a notification is about one.

Only the subject that owns a kind says who may see which of its things; it is asked again every time before
something about them is shown, served or mailed.
"""

from collections.abc import Callable, Iterable
from typing import Any

Asked = Callable[[Any, Iterable[int]], set[int]]
_answers: dict[str, Asked] = {}


def answer_for(kind: str, visible: Asked) -> None:
    """Let a subject answer for its kind: of these ids, which may this person see? One query a kind."""
    _answers[kind] = visible


def visible(user: Any, kind: str, ids: Iterable[int]) -> set[int]:
    """Those of these things that the person may see now; none of a kind that nobody owns."""
    asked = _answers.get(kind)
    return asked(user, ids) if asked else set()
