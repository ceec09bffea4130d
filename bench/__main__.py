"""`make bench`: measures everything and prints one table of figures, wanted and measured.

    python -m bench                  everything (about an hour on a machine that does nothing else)
    python -m bench --quick          everything, small and once, to see that it works
    python -m bench accept pages     some parts

The rows are also written as JSON, to .bench/figures.json by default. A figure that falls short does not
change the exit code, because speed depends on the machine; deliveries lost, duplicated or out of order do.
"""

import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from bench.client import BUILD_FOLDER
from bench.report import Row, close, log, read, write
from tests.site import ROOT
from tools import messages

PARTS = {
    "fanout": "bench.chat_fanout",
    "connect": "bench.chat_connect",
    "accept": "bench.chat_accept",
    "programme": "bench.chat_programme",
    "beside-chat": "bench.chat_pages",
    "pages": "bench.pages",
    "growth": "bench.page_growth",
    "search": "bench.room_search",
    "texts": "bench.text_rendering",
    "bulk": "bench.bulk",
}
"""Each runs in a process of its own with servers of its own, so that none slows the next."""


def main() -> int:
    """Measure the parts one after the other; returns 1 when a delivery was lost, duplicated or out of order,
    or a part failed."""
    parser = ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="small and once, to see that it works")
    parser.add_argument(
        "--json", type=Path, default=BUILD_FOLDER / "figures.json", help="a file for the rows"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    messages.compile_all()
    started = time.monotonic()
    rows = [row for part in arguments.parts or PARTS for row in measured(part, arguments.quick)]
    write(arguments.json, rows)
    close(rows)
    print(f"\nMeasured in {(time.monotonic() - started) / 60:.0f} minutes; as JSON in {arguments.json}")
    broken = [row for row in rows if row.at_most == 0 and not row.ok]
    for row in broken:
        print(f"WRONG: {row.what}: {row.detail}")
    return 1 if broken else 0


def measured(part: str, quick: bool) -> list[Row]:
    """The rows of one part; of a part that failed, one row that says so."""
    log(f"\n== {part}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-m", PARTS[part], "--json", str(file), *(["--quick"] if quick else [])]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if file.exists():
            return read(file)
    return [Row(f"{part}: measured", None, at_most=0, detail=f"exit code {code}")]


if __name__ == "__main__":
    sys.exit(main())
