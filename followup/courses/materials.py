"""Files of a run's materials: who may have them."""

from collections.abc import Iterable
from typing import Any

from messaging.files.models import answer_for


def register() -> None:
    """Answer for the files of materials."""
    answer_for("material", visible)


def visible(user: Any, ids: Iterable[int]) -> set[int]:
    """Which of these materials the person may have."""
    return set()
