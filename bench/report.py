"""The figures of a benchmark: rows, as a table at the end and as JSON in a file.

A part returns its rows and calls `run`:

    def measure(quick: bool) -> list[Row]: ...

    if __name__ == "__main__":
        sys.exit(run(measure, __doc__))

It then accepts `--quick` (small and once, to see that it works) and `--json FILE`, and exits with 1 when a
figure falls short.
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
    """One figure, with or without a bound.

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
        """Whether it meets its bound; False if it was not measured, None without a bound."""
        if self.at_least is None and self.at_most is None:
            return None
        if self.got is None:
            return False
        return self.got >= (self.at_least or 0) and (self.at_most is None or self.got <= self.at_most)

    @property
    def wanted(self) -> str:
        """The bound as text: `>= 40`, `<= 60`, or empty."""
        if self.at_least is not None:
            return f">= {number(self.at_least)}"
        return f"<= {number(self.at_most)}" if self.at_most is not None else ""

    def as_json(self) -> dict[str, object]:
        """The row in the JSON file."""
        return {
            "what": self.what,
            "wanted": self.wanted,
            "got": self.got,
            "unit": self.unit,
            "ok": self.ok,
            "detail": self.detail,
        }


def run(measure: Callable[[bool], list[Row]], about: str | None) -> int:
    """Measure as the command line asks, print the table and write the file; returns 1 when a figure falls
    short."""
    parser = ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="once and short, to see that it works")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    arguments = parser.parse_args()
    # On SIGTERM, stop the servers that were started.
    signal.signal(signal.SIGTERM, lambda *_about: sys.exit(143))
    rows = measure(arguments.quick)
    if arguments.json:
        write(arguments.json, rows)
    return close(rows)


def close(rows: Sequence[Row]) -> int:
    """Print the table and the figures that fall short; returns 1 when there are any."""
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
    """The rows in columns."""
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
    """Write the rows to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1) + "\n")


def read(path: Path) -> list[Row]:
    """Read the rows of a file."""
    rows = []
    for row in json.loads(path.read_text()):
        operator, _, bound = row["wanted"].partition(" ")
        value = float(bound.replace(",", "")) if bound else None
        rows.append(
            Row(
                what=row["what"],
                got=row["got"],
                unit=row["unit"],
                at_least=value if operator == ">=" else None,
                at_most=value if operator == "<=" else None,
                detail=row["detail"],
            )
        )
    return rows


def number(value: float) -> str:
    """A figure with its significant digits."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def median(values: Iterable[float | None]) -> float | None:
    """The median of the values that were measured; None when none was."""
    measured = [value for value in values if value is not None]
    return statistics.median(measured) if measured else None


def log(text: str) -> None:
    """Print a line about the progress."""
    print(text, file=sys.stderr, flush=True)
