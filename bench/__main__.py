"""`make bench`: measures everything there is a wish for, and ends with one table of what was wanted and got.

    python -m bench                  all of it (about 40 minutes; the machine should do nothing else)
    python -m bench --quick          all of it, small and once, to see that it works
    python -m bench accept pages     some of it

The table is written as JSON too, to .bench/figures.json unless told otherwise. What falls short is said and
ends well all the same, since figures depend on the machine; what was lost, doubled or out of order does not.
"""

import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from bench.client import MADE
from bench.report import Row, close, read, say, write
from tests.site import ROOT
from tools import messages

PARTS = {
    "fanout": "bench.chat_fanout",
    "connect": "bench.chat_connect",
    "accept": "bench.chat_accept",
    "programme": "bench.chat_programme",
    "pages": "bench.chat_pages",
}
"""Each runs as a process of its own, with servers of its own, so that none slows the next."""


def main() -> int:
    """Measure the parts one after the other; 1 when a delivery was lost, doubled or out of order, or a part
    could not be measured at all."""
    parser = ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all unless told"
    )
    parser.add_argument("--quick", action="store_true", help="small and once, to see that it works")
    parser.add_argument("--json", type=Path, default=MADE / "figures.json", help="a file for the rows")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    messages.compile_all()
    started = time.monotonic()
    rows = [row for part in asked.parts or PARTS for row in measured(part, asked.quick)]
    write(asked.json, rows)
    close(rows)
    print(f"\nMeasured in {(time.monotonic() - started) / 60:.0f} minutes; as JSON in {asked.json}")
    broken = [row for row in rows if row.at_most == 0 and not row.ok]
    for row in broken:
        print(f"NOT AS IT MUST BE: {row.what}: {row.detail}")
    return 1 if broken else 0


def measured(part: str, quick: bool) -> list[Row]:
    """The rows of one part; a part that broke is a row that says so."""
    say(f"\n== {part}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-m", PARTS[part], "--json", str(file), *(["--quick"] if quick else [])]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if file.exists():
            return read(file)
    return [Row(f"{part}: measured", None, at_most=0, detail=f"it ended with {code}")]


if __name__ == "__main__":
    sys.exit(main())
