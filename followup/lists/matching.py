"""Which column of a list holds what. Headings say it; where they are doubtful, what stands below decides."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from followup.lists.columns import (
    COMPLETED_ON,
    EMAIL,
    GIVEN,
    IGNORED,
    LANGUAGE,
    MIDDLE,
    NAME,
    OCCUPATION,
    SURNAME,
    normalize,
)
from followup.lists.days import day_in, order_in
from followup.lists.encodings import UnreadableError
from followup.lists.headings import UNKNOWN, Heading, heading_of

SAMPLE_ROWS = 200
"""Rows that are looked at to decide what a column holds."""
MAX_CELL_CHARS = 300
_address = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


@dataclass(frozen=True)
class Days:
    """The days between which somebody can have completed the course, in a time zone."""

    first: dt.date
    today: dt.date
    zone: str = "UTC"


@dataclass(frozen=True)
class Columns:
    """Where the facts about a person stand in a row."""

    positions: dict[str, int]
    names: tuple[int, ...]
    """The columns that make the name, in the order in which they are joined."""
    heading: Heading
    """What the heading of the name says of its order."""
    needed: tuple[int, ...] = ()
    """Those of them that hold a part which every whole name has."""
    roles: list[str] = field(default_factory=list)
    """What each column was taken as; empty for one that is not used."""


def match_columns(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    language: str,
    days: Days | None,
    from_workbook: bool = False,
) -> Columns:
    """Decide which column holds what, from its heading and from the rows below.

    `language` is that of the institute. Raises UnreadableError if there is no column with addresses or none
    with names, or if there is one for a part of the name only.
    """
    return _Matching(header, sample[:SAMPLE_ROWS], language, days, from_workbook).columns()


class _Matching:
    def __init__(
        self,
        header: Sequence[str],
        sample: Sequence[Sequence[str]],
        language: str,
        days: Days | None,
        from_workbook: bool,
    ) -> None:
        self.header, self.language, self.days = header, language, days
        self.from_workbook = from_workbook
        self.headings = [heading_of(text) for text in header]
        self.cells = [
            [row[position][:MAX_CELL_CHARS].strip() if position < len(row) else "" for row in sample]
            for position in range(len(header))
        ]

    def columns(self) -> Columns:
        email = self.email()
        positions = {} if email is None else {EMAIL: email}
        for column, fits in ((COMPLETED_ON, self.holds_days), (OCCUPATION, self.holds_words)):
            if (position := self.doubtful(column, fits)) is not None:
                positions[column] = position
        for column in (LANGUAGE, IGNORED):
            if (position := self.best(self.named(column))) is not None:
                positions[column] = position
        names, heading = self.names()
        # An address may bring its name along: Anna Nagy <anna@school.example>.
        has_names = names or (email is not None and self.share(email, lambda cell: "<" in cell) >= 0.5)
        missing = [EMAIL] * (email is None) + [NAME] * (not has_names)
        if missing:
            raise UnreadableError("no-columns", ", ".join(missing))
        roles = {position: column for column, position in positions.items()}
        for position in names:
            roles[position] = NAME if len(names) == 1 else self.headings[position].column or NAME
        used = [roles.get(position, "") for position in range(len(self.header))]
        needed = tuple(each for each in names if len(names) > 1 and roles[each] != MIDDLE)
        return Columns(positions, names, heading, needed, used)

    def named(self, column: str, *, sure: bool | None = None) -> list[int]:
        """The columns with a heading that means this, in their order."""
        return [
            position
            for position, heading in enumerate(self.headings)
            if heading.column == column and (sure is None or heading.is_sure is sure)
        ]

    def best(self, positions: list[int]) -> int | None:
        """The first of these columns that has something in it, or else the first."""
        return next(
            (each for each in positions if any(self.cells[each])), positions[0] if positions else None
        )

    def share(self, position: int, fits: Callable[[str], object]) -> float:
        """The share of filled cells of a column that fit; 0 when it is empty."""
        filled = [cell for cell in self.cells[position] if cell]
        return sum(map(bool, map(fits, filled))) / len(filled) if filled else 0.0

    def email(self) -> int | None:
        """The column with addresses: a surely named one, a doubtful one, any; or else the one named so."""
        sure, doubtful = self.named(EMAIL, sure=True), self.named(EMAIL, sure=False)
        unknown = [position for position, heading in enumerate(self.headings) if heading is UNKNOWN]
        for positions, least in ((sure, 0.0), (doubtful, 0.0), (unknown, 0.5)):
            shares = {position: self.share(position, _address.search) for position in positions}
            if found := [position for position in positions if shares[position] > least]:
                return max(found, key=lambda position: (shares[position] > 0.5, -position))
        return next(iter([*sure, *doubtful]), None)

    def doubtful(self, column: str, fits: Callable[[int], bool]) -> int | None:
        """A column that is surely named, or one that may be and has the right things in it."""
        if (sure := self.best(self.named(column, sure=True))) is not None:
            return sure
        return next((each for each in self.named(column, sure=False) if fits(each)), None)

    def holds_days(self, position: int) -> bool:
        """Whether most cells are days on which the course can have been completed, not of birth, say."""
        earliest = self.days.first.year - 1 if self.days else 0
        order = order_in(self.cells[position])

        def is_recent(cell: str) -> bool:
            day = day_in(cell, from_workbook=self.from_workbook, order=order)
            return day is not None and day.year >= earliest

        return self.share(position, is_recent) >= 0.5

    def holds_words(self, position: int) -> bool:
        return self.share(position, lambda cell: any(map(str.isalpha, cell))) >= 0.5

    def names(self) -> tuple[tuple[int, ...], Heading]:
        """The columns that make the name, in order, and the heading that says how a whole name is ordered."""
        whole = self.best([each for each in self.named(NAME, sure=True) if any(self.cells[each])])
        surname, given, middle = (self.best(self.named(part)) for part in (SURNAME, GIVEN, MIDDLE))
        doubtful = self.best(self.named(NAME))
        if whole is None and doubtful is not None:
            part = surname if surname is not None else given
            if part is None or self.contains(doubtful, part):
                whole = doubtful
            elif surname is None:
                surname = doubtful
            elif given is None:
                given = doubtful
        if whole is not None:
            return (whole,), self.headings[whole]
        if surname is None or given is None:
            return self.one_part(surname if given is None else given)
        for one, other in ((given, surname), (surname, given)):
            if self.contains(one, other):
                return (one,), UNKNOWN
        return self.joined(surname, given, middle), UNKNOWN

    def joined(self, surname: int, given: int, middle: int | None) -> tuple[int, ...]:
        """The parts in the order of their language; in Russian, where both are usual, as they stand.

        A Russian patronymic follows the given name wherever its column is.
        """
        spoken = (self.headings[position].language for position in (surname, given))
        language = next((each for each in spoken if each not in ("", "en")), self.language)
        surname_first = language == "hu" or (language == "ru" and surname < given)
        parts = (surname, given, middle) if surname_first else (given, middle, surname)
        return tuple(position for position in parts if position is not None)

    def one_part(self, position: int | None) -> tuple[tuple[int, ...], Heading]:
        """A column that is named like a part of the name, if whole names stand in it."""
        if position is None:
            return (), UNKNOWN
        if self.share(position, lambda cell: " " in cell) < 0.5:
            raise UnreadableError("half-names", self.header[position])
        return (position,), Heading(NAME, language=self.headings[position].language)

    def contains(self, whole: int, part: int) -> bool:
        """Whether in most rows the words of one column stand in the other too."""
        pairs = [
            (set(normalize(one).split()), set(normalize(other).split()))
            for one, other in zip(self.cells[whole], self.cells[part], strict=True)
            if one and other
        ]
        return bool(pairs) and sum(other < one for one, other in pairs) / len(pairs) >= 0.5
