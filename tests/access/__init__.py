"""The rows of the access table (tests/test_access_table.py), a file for each subject with its `ROWS`.

Letters, in the order visitor, stranger, awaiting, participant, trainer, coordinator of the institute,
coordinator of another, evaluator, moderator: `+` seen or done, `s` sent to sign in, `3` refused (403),
`4` unknown (404).
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One URL, its request, and the result for each of the cast."""

    name: str
    expected: str
    method: str = "get"
    args: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name}{self.query}{' closed' if self.closed else ''}"


def row(name: str, expected: str, *args: str, **more: Any) -> Row:
    """A row of the table; `args` name objects that tests/access/objects.py creates."""
    return Row(name, expected.replace(" ", ""), args=args, **more)


def post(name: str, expected: str, /, *args: str, closed: Any = False, **data: Any) -> Row:
    """A row for a POST with valid data, so that only permission decides."""
    return Row(name, expected.replace(" ", ""), "post", args, data, closed)
