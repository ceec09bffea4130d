"""`manage.py` commands in processes of their own that start within milliseconds.

Starting Python with all packages takes a second and more. Here one parent process per test run imports the
third-party packages, knows none of our settings, and forks for every command. The child reads its own
environment, can be killed like any process, and shares nothing with its siblings.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, Any

from tests import icons
from tests.waiting import PATIENCE_SECONDS, POLL_SECONDS

ROOT = Path(__file__).resolve().parent.parent
SHARED_FOLDER = "AFTERCOURSE_TEST_FOLDER"
"""The environment variable with a folder that all processes of a test run share."""
OURS = ("common", "community", "config", "followup", "messaging", "tests", "tools", "__main__")
UNSHARED = ("autobahn", "daphne", "twisted.internet.reactor", "txaio")
"""Modules that create an event loop or open a file when imported; two processes must not share those."""
MODULES = f"""
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import config.server
for name in sys.modules:
    if not name.startswith({(*OURS, *UNSHARED)!r}):
        print(name)
"""
"""Prints the third-party modules that one of our servers has imported."""


class Forked:
    """A running command, with the part of `subprocess.Popen`'s interface that our tests use."""

    def __init__(
        self, *command: str, env: dict[str, str], stdout: IO[Any] | int, stderr: IO[Any] | int
    ) -> None:
        files = [each if isinstance(each, int) else each.fileno() for each in (stdout, stderr)]
        self.returncode: int | None = None
        self.pid = int(parent().request({"command": command, "env": env}, files))

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            self.returncode = parent().request({"pid": self.pid}, [])
        return self.returncode

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        """Wait until it exits; raise TimeoutExpired if it does not in time."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal, unless it has exited."""
        if self.poll() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def started(
    *command: str, env: dict[str, str], stdout: IO[Any] | int, stderr: IO[Any] | int
) -> "Forked | subprocess.Popen[bytes]":
    """Start a command of `manage.py`: forked in a test run, as a plain process where its time and memory are
    measured."""
    if "PYTEST_VERSION" in os.environ:
        return Forked(*command, env=env, stdout=stdout, stderr=stderr)
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )


class Parent:
    """The process that forks, as seen by the test run: requests and answers over a socket pair."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection, child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.forked", str(child_end.fileno())),
                *(os.environ["AFTERCOURSE_VAR"], os.environ[SHARED_FOLDER]),
            ],
            cwd=ROOT,
            env=clean,
            pass_fds=[child_end.fileno()],
            stdin=subprocess.DEVNULL,
        )
        child_end.close()

    def request(self, order: dict[str, Any], files: list[int]) -> Any:
        """Send a request with open files and return the answer; raise RuntimeError if the process is gone."""
        with self._lock:
            socket.send_fds(self._connection, [json.dumps(order).encode()], files)
            if not (answer := self._connection.recv(1000)):
                raise RuntimeError("the process that forks has exited")
            return json.loads(answer)


@functools.cache
def parent() -> Parent:
    """The forking process of this test run. It exits when the other end of its socket is closed."""
    return Parent()


def main(connection: socket.socket, folder: str, shared_folder: str) -> None:
    """Import third-party packages, then fork on each request; on EOF kill the children that still run."""
    import_packages(folder, Path(shared_folder, "packages"))
    running: set[int] = set()
    while True:
        try:
            request, files, _flags, _address = socket.recv_fds(connection, 1 << 20, 2)
        except KeyboardInterrupt:  # the test run gets it too, and closes the connection after its cleanup
            continue
        if not request:
            break
        order = json.loads(request)
        if "pid" in order:
            exited, status = os.waitpid(order["pid"], os.WNOHANG)
            running.discard(exited)
            connection.send(json.dumps(os.waitstatus_to_exitcode(status) if exited else None).encode())
        elif child := os.fork():
            running.add(child)
            for each in files:
                os.close(each)
            connection.send(json.dumps(child).encode())
        else:
            connection.close()
            run_command(order["command"], order["env"], files)
    for each in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def import_packages(folder: str, listed: Path) -> None:
    """Import what a server of ours imports from third parties, as far as that works without settings. The
    names are found once and listed for the other processes of a test run."""
    if not listed.exists():
        environment = {
            "AFTERCOURSE_MODE": "test",
            "AFTERCOURSE_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        found = subprocess.check_output([sys.executable, "-c", MODULES], env=os.environ | environment)
        aside = listed.with_suffix(f".{os.getpid()}")
        aside.write_bytes(found)
        aside.replace(listed)
    for name in listed.read_text().split():
        # Modules that read settings when imported fail here, and are imported by the child instead.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("the children would share one reactor")
    icons.cache_index()
    gc.collect()
    gc.freeze()


def run_command(command: list[str], environment: dict[str, str], files: list[int]) -> None:
    """Turn this child into `manage.py COMMAND` and exit with its code."""
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["manage.py", *command]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), *sys.argv[2:])
