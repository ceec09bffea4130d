"""The load client (load.c): made, given a plan, watched while it runs."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.report import say

HERE = Path(__file__).resolve().parent
MADE = HERE.parent / ".bench"
"""Where what is made for measuring lies; git does not see it."""
SOURCES = ("load.c", "load_line.c", "load_word.c")


class Socket(NamedTuple):
    """One line of the plan; what each part means stands in load.c."""

    port: int
    kind: str
    role: str
    room: str
    after: int
    target: str
    cookie: str = "-"
    first: str = "-"


def made() -> Path:
    """The client, compiled anew when its sources changed."""
    program = MADE / "load"
    sources = [HERE / name for name in SOURCES]
    changed = max(path.stat().st_mtime for path in (*sources, HERE / "load.h"))
    if not program.exists() or program.stat().st_mtime < changed:
        MADE.mkdir(exist_ok=True)
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError("Measuring needs a C compiler named cc.")
        subprocess.run([compiler, "-O2", "-Wall", "-o", program, *sources], check=True)
    return program


def drive(
    plan: Iterable[Socket],
    look: Callable[[], Mapping[str, float]] = dict,
    core: int | None = None,
    options: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Run the client on a plan and give what it counted.

    `look` is asked when all sockets are open, when measuring begins and when it ends; what it says is in
    `at_start`, `at_open`, `at_begin` and `at_end`. Options are those of load.c: `{"secs": 4}`.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".plan") as file:
        file.writelines("\t".join(map(str, socket)) + "\n" for socket in plan)
        file.flush()
        command = [str(made()), "--plan", file.name]
        for name, value in (options or {}).items():
            command += [f"--{name}", str(value)]
        looked = {"at_start": look()}
        client = subprocess.Popen(
            [*pinned(core), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        assert client.stderr is not None
        try:
            for line in client.stderr:
                if (moment := MOMENTS.get(line.strip())) is not None:
                    looked[moment] = look()
                else:
                    say("  client: " + line.strip())
            told = client.stdout.read()
        finally:
            client.kill()
            client.wait()
    return json.loads(told) | looked


MOMENTS = {"CONNECTED": "at_open", "BEGIN": "at_begin", "END": "at_end"}


def pinned(core: int | None) -> list[str]:
    """What goes before a command so that it stays on one core, where that can be had."""
    tool = shutil.which("taskset")
    return [] if core is None or tool is None else [tool, "-c", str(core)]
