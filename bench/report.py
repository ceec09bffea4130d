"""What a measurement says: rows of wanted and got, as a table at the end and as JSON in a file.

A measuring script names its rows and hands itself over:

    def measure(quick: bool) -> list[Row]: ...

    if __name__ == "__main__":
        sys.exit(run(measure, __doc__))

It then takes `--quick` (once, for a few seconds: to see that it works, not to believe its figures) and
`--json FILE`, and ends with 1 when something falls short.
"""

import json
import signal
import statistics
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. With a bound it is met or falls short; without one it is only told.

    `got` is None when it could not be measured here, and `detail` then says why.
    """

    what: str
    got: float | None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    detail: str = ""

    @property
    def ok(self) -> bool | None:
        """Whether it is as wanted, which the unmeasured never is; None when nothing was wanted of it."""
        if self.at_least is None and self.at_most is None:
            return None
        if self.got is None:
            return False
        return self.got >= (self.at_least or 0) and (self.at_most is None or self.got <= self.at_most)

    @property
    def wanted(self) -> str:
        """The bound in words: `>= 40`, `<= 60`, or nothing."""
        if self.at_least is not None:
            return f">= {number(self.at_least)}"
        return f"<= {number(self.at_most)}" if self.at_most is not None else ""

    def as_json(self) -> dict[str, object]:
        """The row as it stands in the file."""
        return {
            "what": self.what,
            "wanted": self.wanted,
            "got": self.got,
            "unit": self.unit,
            "ok": self.ok,
            "detail": self.detail,
        }


def run(measure: Callable[[bool], list[Row]], about: str | None) -> int:
    """Measure as the command line says, print the table and write the file; 1 when something falls short."""
    parser = ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="once and short, to see that it works")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    asked = parser.parse_args()
    # Ended softly, it ends the servers it started.
    signal.signal(signal.SIGTERM, lambda *_about: sys.exit(143))
    rows = measure(asked.quick)
    if asked.json:
        write(asked.json, rows)
    return close(rows)


def close(rows: Sequence[Row]) -> int:
    """Print the table and what falls short; 1 when something does."""
    print()
    print(table(rows))
    short = [row for row in rows if row.ok is False]
    print()
    print(f"{len(short)} fall short:" if short else "Nothing falls short.")
    for row in short:
        got = "not measured" if row.got is None else f"{number(row.got)} {row.unit}".strip()
        print(f"  {row.what}: wanted {row.wanted}, got {got}")
    return 1 if short else 0


def table(rows: Iterable[Row]) -> str:
    """The rows in columns, for a person."""
    lines = [("what", "wanted", "got", "", "")]
    for row in rows:
        got = "-" if row.got is None else f"{number(row.got)} {row.unit}".strip()
        verdict = {True: "ok", False: "SHORT", None: ""}[row.ok]
        lines.append((row.what, row.wanted, got, verdict, row.detail))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    shown = []
    for what, wanted, got, verdict, detail in [
        lines[0],
        (*("-" * width for width in widths), ""),
        *lines[1:],
    ]:
        figures = f"{what:<{widths[0]}}  {wanted:>{widths[1]}}  {got:>{widths[2]}}"
        shown.append(f"{figures}  {verdict:<{widths[3]}}  {detail}".rstrip())
    return "\n".join(shown)


def write(path: Path, rows: Iterable[Row]) -> None:
    """Put the rows into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1) + "\n")


def read(path: Path) -> list[Row]:
    """The rows of a file, to put several into one table."""
    rows = []
    for row in json.loads(path.read_text()):
        sign, _, bound = row["wanted"].partition(" ")
        value = float(bound.replace(",", "")) if bound else None
        rows.append(
            Row(
                what=row["what"],
                got=row["got"],
                unit=row["unit"],
                at_least=value if sign == ">=" else None,
                at_most=value if sign == "<=" else None,
                detail=row["detail"],
            )
        )
    return rows


def number(value: float) -> str:
    """A figure with as many digits as one can believe."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def middle(values: Iterable[float | None]) -> float | None:
    """The median of the repeats that were measured; None when none was."""
    measured = [value for value in values if value is not None]
    return statistics.median(measured) if measured else None


def say(text: str) -> None:
    """One line on how far we are, while it runs."""
    print(text, file=sys.stderr, flush=True)
