"""Compiles and runs the load client (load.c)."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.report import log

HERE = Path(__file__).resolve().parent
BUILD_FOLDER = HERE.parent / ".bench"
"""For everything built and written here; ignored by git."""
SOURCES = ("load.c", "load_socket.c", "load_protocol.c")


class Socket(NamedTuple):
    """One line of the plan; see load.c."""

    port: int
    kind: str
    role: str
    room: str
    after: int
    target: str
    cookie: str = "-"
    first: str = "-"


def build() -> Path:
    """The client, compiled if its sources changed."""
    program = BUILD_FOLDER / "load"
    sources = [HERE / name for name in SOURCES]
    changed = max(path.stat().st_mtime for path in (*sources, HERE / "load.h"))
    if not program.exists() or program.stat().st_mtime < changed:
        BUILD_FOLDER.mkdir(exist_ok=True)
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError("Measuring needs a C compiler named cc.")
        subprocess.run([compiler, "-O2", "-Wall", "-o", program, *sources], check=True)
    return program


def drive(
    plan: Iterable[Socket],
    sample: Callable[[], Mapping[str, float]] = dict,
    core: int | None = None,
    options: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Run the client on a plan; returns what it counted.

    `sample` is called before connecting, when all sockets are open, when measuring begins and when it ends;
    its results are in `at_start`, `at_open`, `at_begin` and `at_end`. Options are those of load.c: `{"secs":
    4}`.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".plan") as file:
        file.writelines("\t".join(map(str, socket)) + "\n" for socket in plan)
        file.flush()
        command = [str(build()), "--plan", file.name]
        for name, value in (options or {}).items():
            command += [f"--{name}", str(value)]
        samples = {"at_start": sample()}
        client = subprocess.Popen(
            [*pinned(core), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        assert client.stderr is not None
        try:
            for line in client.stderr:
                if (moment := MOMENTS.get(line.strip())) is not None:
                    samples[moment] = sample()
                else:
                    log("  client: " + line.strip())
            printed = client.stdout.read()
        finally:
            client.kill()
            client.wait()
    return json.loads(printed) | samples


MOMENTS = {"CONNECTED": "at_open", "BEGIN": "at_begin", "END": "at_end"}


def pinned(core: int | None) -> list[str]:
    """The prefix of a command that pins it to one core, where that is possible."""
    tool = shutil.which("taskset")
    return [] if core is None or tool is None else [tool, "-c", str(core)]
