"""`manage.py serve` in processes of its own, on SQLite or PostgreSQL, with a clock that tests can move."""

import atexit
import datetime as dt
import email
import email.policy
import fcntl
import functools
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from tests.forked import SHARED_FOLDER, Forked, started
from tests.servers import SHARED_POSTGRES, postgres
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """One `manage.py serve` process of a site."""

    def __init__(self, site: "Site", *options: str) -> None:
        self.site, self.options = site, options
        self.port = reserve_port()
        self.url = f"http://localhost:{self.port}"
        self.process: Forked | subprocess.Popen[bytes] | None = None
        self.program: tuple[str, ...] = ("manage.py",)

    def start(self) -> None:
        """Start it and wait until it answers. A restart uses the same port."""
        command = ("serve", "--port", str(self.port), *self.options)
        with self.site.log.open("ab") as log:
            if self.program == ("manage.py",):
                self.process = started(*command, env=self.site.environment, stdout=log, stderr=log)
            else:
                self.process = subprocess.Popen(
                    [sys.executable, *self.program, *command],
                    cwd=ROOT,
                    env=self.site.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        atexit.register(self.stop)
        wait_until(self._answers, "The server", self.site.log.read_text)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it with a signal, SIGTERM by default."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        atexit.unregister(self.stop)

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError("The server exited:\n" + self.site.log.read_text())
        try:
            with urllib.request.urlopen(self.url + "/health/", timeout=PATIENCE_SECONDS) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


class Site:
    """One installation: its folder, database, clock, and server processes.

    `redis_url` connects several servers; `mail_url` receives its mail (default: files in its folder);
    `prepared` is the installation it starts as a copy of (default: an empty one).
    """

    def __init__(
        self, database: str, redis_url: str = "", mail_url: str = "", prepared: "Prepared | None" = None
    ) -> None:
        self.database, self.name = database, ""
        self.folder = temporary_folder("site")
        prepared = prepared or prepare(database)
        shutil.copytree(prepared.folder, self.folder, dirs_exist_ok=True)
        self.database_url = f"sqlite:///{self.folder / 'site.sqlite3'}"
        if database == "postgres":
            self.name = f"site_{uuid.uuid4().hex[:12]}"
            self.database_url = postgres().make_database(self.name, template=prepared.name)
        self.redis_url = redis_url
        self.mail_url = mail_url or f"filemail:///{self.folder / 'mail'}"
        self.clock = self.folder / "clock"
        self.log = self.folder / "log"
        self.servers = [Server(self, "--jobs")]

    @property
    def url(self) -> str:
        """The URL of the first server; links in mails use it."""
        return self.servers[0].url

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this site."""
        return environment(self.folder, self.database_url) | {
            "AFTERCOURSE_URL": self.url,
            "AFTERCOURSE_REDIS_URL": self.redis_url,
            "AFTERCOURSE_CLOCK_OFFSET_FILE": str(self.clock),
            "AFTERCOURSE_MAIL_URL": self.mail_url,
        }

    def start(self) -> None:
        """Start the first server, which also runs the jobs, and wait until it answers."""
        self.servers[0].start()

    def start_another(self) -> Server:
        """Start one more server, without jobs, on its own port."""
        server = Server(self, "--no-jobs")
        self.servers.append(server)
        server.start()
        return server

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop all servers with a signal, SIGTERM by default."""
        for server in self.servers:
            server.stop(how)

    def manage(self, *command: str) -> str:
        """Run a management command and return its output; raise RuntimeError if it fails."""
        return manage(self.environment, *command)

    def worker(self) -> Forked:
        """One round of the jobs, in a process of its own."""
        return Forked("jobs", "--once", env=self.environment, stdout=1, stderr=2)

    def move_clock(self, **by: float) -> None:
        """Move the clock of all processes forward: `move_clock(days=31)`."""
        seconds = float(self.clock.read_text()) if self.clock.exists() else 0.0
        aside = self.clock.with_suffix(".new")
        aside.write_text(str(seconds + dt.timedelta(**by).total_seconds()))
        aside.replace(self.clock)

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Mails sent so far, oldest first; only those to one address if given."""
        found = []
        folder = self.folder / "mail"
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            for part in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                message = email.message_from_bytes(part.strip(), policy=email.policy.default)
                if message["To"] and to in message["To"]:
                    found.append(message)
        return found


class DemoSite(Site):
    """The demo: its people, texts and sign-in, and static files as in production."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_MODE": "demo"}

    def lay(self, language: str = "") -> None:
        """Seed it, list its pages by person (tools.pages), and let all read in one language if given."""
        self.manage("collectstatic", "--no-input", "--clear", "--verbosity=0")
        self.manage("demo")
        self.manage("shell", "-c", f"from tools import pages; pages.write_list(); pages.speak({language!r})")


class Prepared:
    """An installation, migrated and with collected static files, that sites are copied from.

    It is empty, or what `script` has written into a copy of an empty one.
    """

    def __init__(self, database: str, folder: Path, script: str = "") -> None:
        self.folder = folder
        self.name = f"prepared_{uuid.uuid4().hex[:12]}"
        empty = prepare(database) if script else None
        url = f"sqlite:///{self.folder / 'site.sqlite3'}"
        if database == "postgres":
            url = postgres().make_database(self.name, template=empty.name if empty else "template1")
        settings = environment(self.folder, url)
        if empty:
            shutil.copytree(empty.folder, self.folder, dirs_exist_ok=True)
            manage(settings, "shell", "-c", script)
        else:
            manage(settings, "migrate", "--verbosity=0")
            manage(settings, "collectstatic", "--no-input", "--verbosity=0")


@functools.cache
def prepare(database: str, script: str = "") -> Prepared:
    """Migrating takes seconds and copying does not, so it is done once per database and script; an empty one
    once for all processes of a run, where they share the server."""
    shared = SHARED_FOLDER in os.environ and (database == "sqlite" or SHARED_POSTGRES in os.environ)
    if script or not shared:
        return Prepared(database, temporary_folder("prepared"), script)
    folder = Path(os.environ[SHARED_FOLDER], f"prepared-{database}")
    made = folder.with_suffix(".pickle")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            made.write_bytes(pickle.dumps(Prepared(database, folder)))
    return cast(Prepared, pickle.loads(made.read_bytes()))


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """The environment of a process in test mode, without any AFTERCOURSE_ variable from outside."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    return clean | {
        "AFTERCOURSE_MODE": "test",
        "AFTERCOURSE_VAR": str(folder),
        "AFTERCOURSE_DATABASE_URL": database_url,
    }


def manage(settings: dict[str, str], *command: str) -> str:
    """Run a management command and return its output; raise RuntimeError with it if it fails."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        code = started(*command, env=settings, stdout=stdout, stderr=stderr).wait(PATIENCE_SECONDS * 5)
        output, errors = [(file.seek(0), file.read().decode())[1] for file in (stdout, stderr)]
    if code:
        raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{output}{errors}")
    return output


def temporary_folder(name: str) -> Path:
    """A folder that is deleted when this process exits."""
    folder = Path(tempfile.mkdtemp(prefix=f"aftercourse-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


_reserved: list[socket.socket] = []


def reserve_port() -> int:
    """A TCP port that no other process gets until this one exits.

    A port that was merely free a moment ago may be taken by any outgoing connection before the server
    listens on it, and again while the server restarts. So a socket stays bound to it. On Linux another
    socket may bind to the same port as long as both set SO_REUSEADDR and nobody listens yet; elsewhere it
    may not, and the socket is closed.
    """
    reserving_socket = socket.socket()
    reserving_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserving_socket.bind(("127.0.0.1", 0))
    port = int(reserving_socket.getsockname()[1])
    if sys.platform == "linux":
        _reserved.append(reserving_socket)
    else:
        reserving_socket.close()
    return port
