"""`make check`: all checks that need no running server, in parallel, one line each.

python -m tools.check          all of them
python -m tools.check --fix    format, and fix what the linter can fix by itself
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Part:
    """One check: its name and command."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """The result of a part."""

    part: Part
    passed: bool
    seconds: float
    output: str


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """A command installed in .venv."""
    return (str(BIN / name), *arguments)


def ours(module: str, *arguments: str) -> tuple[str, ...]:
    """A module run with python -m."""
    return (sys.executable, "-m", module, *arguments)


# The slowest first, so that the others run beside it.
PARTS = (
    Part("types", ours("mypy")),
    Part("templates", tool("djlint", "--lint", "--quiet", "templates")),
    Part("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
    Part("layers", tool("lint-imports", "--no-cache")),
    Part("translations", ours("tools.messages", "check")),
    Part("format", tool("ruff", "format", "--check", "--quiet", "--output-format=concise", ".")),
    Part("lint", tool("ruff", "check", "--quiet", "--output-format=concise", ".")),
    Part("template rules", ours("tools.templates")),
)
FIXES = (
    Part("lint", tool("ruff", "check", "--fix", "--quiet", ".")),
    Part("format", tool("ruff", "format", ".")),
)


def run(part: Part) -> Outcome:
    """Run one part and keep its output."""
    started = time.monotonic()
    environment = os.environ | {"AFTERCOURSE_MODE": "test"}
    done = subprocess.run(
        part.command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(part, done.returncode == 0, time.monotonic() - started, done.stdout.strip())


def main() -> int:
    """Run the parts, print each result in turn, and at the end the output of those that failed."""
    if "--fix" in sys.argv[1:]:
        return max(0 if run(part).passed else 1 for part in FIXES)
    started = time.monotonic()
    failed: list[Outcome] = []
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for outcome in pool.map(run, PARTS):
            print(
                f"  {outcome.part.name:<15} {'ok' if outcome.passed else 'FAILED':<7}{outcome.seconds:5.1f} s"
            )
            sys.stdout.flush()
            if not outcome.passed:
                failed.append(outcome)
    for outcome in failed:
        print(f"\n== {outcome.part.name}: {' '.join(outcome.part.command)}\n\n{outcome.output}")
    seconds = time.monotonic() - started
    names = ", ".join(outcome.part.name for outcome in failed)
    print(f"\nCheck: {'failed: ' + names if failed else 'all well'} ({seconds:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
