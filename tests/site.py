"""Our own `manage.py serve` as a process of its own, on either database, with a clock that can be moved."""

import atexit
import datetime as dt
import email
import email.policy
import functools
import os
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

from tests.forked import Forked, started
from tests.servers import postgres, wait_until

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """One `manage.py serve` process of an installation."""

    def __init__(self, site: "Site", *options: str) -> None:
        self.site, self.options = site, options
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.process: Forked | subprocess.Popen[bytes] | None = None
        self.program: tuple[str, ...] = ("manage.py",)

    def start(self) -> None:
        """Start it and wait until it is up. Started again, it answers on the same port."""
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
        """End it, softly unless told otherwise."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        atexit.unregister(self.stop)

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError("The server ended:\n" + self.site.log.read_text())
        try:
            with urllib.request.urlopen(self.url + "/health/", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


class Site:
    """One installation: its folder, its database, its clock, and its server processes while they run.

    With a Redis address several servers hear each other through it; `mail_url` is where mails leave to, a
    folder unless it is told. It begins as a copy of `prepared`, empty unless it is told.
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
        """Where the first server answers; links in mails lead there."""
        return self.servers[0].url

    @property
    def environment(self) -> dict[str, str]:
        """What our settings read, for every process of this installation."""
        return environment(self.folder, self.database_url) | {
            "AFTERCOURSE_URL": self.url,
            "AFTERCOURSE_REDIS_URL": self.redis_url,
            "AFTERCOURSE_CLOCK_OFFSET_FILE": str(self.clock),
            "AFTERCOURSE_MAIL_URL": self.mail_url,
        }

    def start(self) -> None:
        """Start the first server, with the jobs in it, and wait until it is up."""
        self.servers[0].start()

    def start_another(self) -> Server:
        """Start a server more, without jobs, on a port of its own."""
        server = Server(self, "--no-jobs")
        self.servers.append(server)
        server.start()
        return server

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End all servers, softly unless told otherwise."""
        for server in self.servers:
            server.stop(how)

    def manage(self, *command: str) -> str:
        """Run a management command on this installation and give what it printed; raise if it failed."""
        return manage(self.environment, *command)

    def move_clock(self, **by: float) -> None:
        """Move the one clock of all processes from its present place: `move_clock(days=31)`."""
        seconds = float(self.clock.read_text()) if self.clock.exists() else 0.0
        aside = self.clock.with_suffix(".new")
        aside.write_text(str(seconds + dt.timedelta(**by).total_seconds()))
        aside.replace(self.clock)

    def mails(self, to: str = "") -> list[EmailMessage]:
        """The mails that left so far, oldest first; those to one address if it is given."""
        found = []
        folder = self.folder / "mail"
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            for part in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                message = email.message_from_bytes(part.strip(), policy=email.policy.default)
                if message["To"] and to in message["To"]:
                    found.append(message)
        return found


class Prepared:
    """An installation that was never used, migrated and with its static files, to make others from."""

    def __init__(self, database: str) -> None:
        self.folder = temporary_folder("prepared")
        self.name = f"prepared_{os.getpid()}"
        url = f"sqlite:///{self.folder / 'site.sqlite3'}"
        if database == "postgres":
            url = postgres().make_database(self.name)
        settings = environment(self.folder, url)
        manage(settings, "migrate", "--verbosity=0")
        manage(settings, "collectstatic", "--no-input", "--verbosity=0")


@functools.cache
def prepare(database: str) -> Prepared:
    """Migrating takes seconds, copying does not: it is done once for each database."""
    return Prepared(database)


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """The environment of a process in our test mode, with nothing of ours from outside."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    return clean | {
        "AFTERCOURSE_MODE": "test",
        "AFTERCOURSE_VAR": str(folder),
        "AFTERCOURSE_DATABASE_URL": database_url,
    }


def manage(settings: dict[str, str], *command: str) -> str:
    """Run a management command; give what it printed, or raise with it."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        code = started(*command, env=settings, stdout=printed, stderr=complained).wait(600)
        told, amiss = [(file.seek(0), file.read().decode())[1] for file in (printed, complained)]
    if code:
        raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{told}{amiss}")
    return told


def temporary_folder(name: str) -> Path:
    """A folder that goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix=f"aftercourse-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
