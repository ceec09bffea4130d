"""Everything of a person. Each subject says here which of its rows point at a person, what it hands out when
that person asks for all that is theirs, and how it lets go of it.

A subject's `privacy.py` holds `export_for(user)` and `erase(user)` and registers them when its app is ready.
A test fails for any relation to the user that no subject names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

SMALLEST_GROUP_SHOWN = 5
"""People a figure must be about to be shown; one about fewer could be traced to a person."""

Export = Callable[[Any], dict[str, Any]]
Erase = Callable[[Any], None]


@dataclass(frozen=True)
class Answer:
    """What one subject says about a person's rows; `fields` names relations to the user as
    "app.Model.field"."""

    subject: str
    export: Export
    erase: Erase
    fields: frozenset[str]


_answers: dict[str, Answer] = {}


def register(subject: str, export: Export, erase: Erase, fields: Iterable[str]) -> None:
    """Let a subject answer for its rows; registering again replaces its answer."""
    _answers[subject] = Answer(subject, export, erase, frozenset(fields))


def covered() -> frozenset[str]:
    """All relations to the user that some subject answers for."""
    return frozenset().union(*(answer.fields for answer in _answers.values()))


def export_for(user: Any) -> dict[str, dict[str, Any]]:
    """All that is this person's, by subject: plain values that can be written as JSON."""
    return {name: answer.export(user) for name, answer in _answers.items()}


def erase(user: Any) -> None:
    """Have every subject let go of this person, those that stand on others first.

    Apps are made ready from the top down, and each registers its subjects so; people come last of theirs, as
    others find by the address what they have to let go of. Each does it in a transaction of its own, so that
    none holds what the next one waits for; to do it again finishes what was broken off.
    """
    for answer in _answers.values():
        answer.erase(user)
