"""`manage.py` as a process of its own that is there at once.

Starting one takes a second and more, nearly all of it for loading packages of others. Here one process loads
those, once in a test run, knows nothing of our settings, and forks whenever a command is asked for. What
comes out of it reads its own environment, is killed like any other, and shares nothing with its siblings.
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

ROOT = Path(__file__).resolve().parent.parent
OURS = ("common", "community", "config", "followup", "messaging", "tests", "tools", "__main__")
UNSHARED = ("autobahn", "daphne", "twisted.internet.reactor", "txaio")
"""What begins a loop or opens a file when it is loaded: no two processes may have the same one."""
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
"""What one of our servers has loaded, of others."""


class Forked:
    """A running command. It has of `subprocess.Popen` what our tests need."""

    def __init__(
        self, *command: str, env: dict[str, str], stdout: IO[Any] | int, stderr: IO[Any] | int
    ) -> None:
        files = [each if isinstance(each, int) else each.fileno() for each in (stdout, stderr)]
        self.returncode: int | None = None
        self.pid = int(parent().ask({"command": command, "env": env}, files))

    def poll(self) -> int | None:
        """How it ended, or None while it runs."""
        if self.returncode is None:
            self.returncode = parent().ask({"pid": self.pid}, [])
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; raise TimeoutExpired when that takes longer."""
        until = time.monotonic() + (timeout or 600)
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 600)
            time.sleep(0.01)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def started(
    *command: str, env: dict[str, str], stdout: IO[Any] | int, stderr: IO[Any] | int
) -> "Forked | subprocess.Popen[bytes]":
    """Start a command of `manage.py`: forked in a run of tests, and as everybody starts it where its time and
    memory are measured."""
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
    """The process that forks, from outside."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(its.fileno()), os.environ["AFTERCOURSE_VAR"]],
            cwd=ROOT,
            env=clean,
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
        )
        its.close()

    def ask(self, what: dict[str, Any], files: list[int]) -> Any:
        """Ask for something and give what is answered."""
        with self._turn:
            socket.send_fds(self._line, [json.dumps(what).encode()], files)
            if not (answer := self._line.recv(1000)):
                raise RuntimeError("the process that forks has ended")
            return json.loads(answer)


@functools.cache
def parent() -> Parent:
    """The one of this test run. It ends with it, since nobody is at the other end any more."""
    return Parent()


def main(line: socket.socket, folder: str) -> None:
    """Load what is of others, then fork at every word."""
    load_others(folder)
    while True:
        said, files, _flags, _address = socket.recv_fds(line, 1 << 20, 2)
        if not said:
            return
        order = json.loads(said)
        if "pid" in order:
            ended, status = os.waitpid(order["pid"], os.WNOHANG)
            line.send(json.dumps(os.waitstatus_to_exitcode(status) if ended else None).encode())
        elif child := os.fork():
            for each in files:
                os.close(each)
            line.send(json.dumps(child).encode())
        else:
            line.close()
            be(order["command"], order["env"], files)


def load_others(folder: str) -> None:
    """Load what our server would load of others, as far as it can be without settings."""
    asked = {
        "AFTERCOURSE_MODE": "test",
        "AFTERCOURSE_VAR": folder,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    names = subprocess.check_output([sys.executable, "-c", MODULES], env=os.environ | asked, text=True)
    for name in names.split():
        # What asks for settings as soon as it is loaded is loaded by whoever has some.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("a loop was made that all would share")
    icons.read_their_index_once()
    gc.collect()
    gc.freeze()


def be(command: list[str], environment: dict[str, str], files: list[int]) -> None:
    """Become that command, and end as it ends."""
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
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
