"""The servers whose pages are compared: ours in production mode, and forums made with Django. Each runs on
PostgreSQL and on the first core; the client and PostgreSQL run on the second."""

import json
import os
import subprocess
import sys
import venv
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import usage
from bench.client import BUILD_FOLDER, pinned
from bench.contenders import CLIENT_CORE, SERVER_CORE, Program, UnavailableError, pin
from bench.installation import Installation
from bench.page_load import Counted, Job, Plan
from bench.page_worker import production
from bench.report import log
from tests.servers import postgres
from tests.site import ROOT, temporary_folder

POSTS_OF_ONE = 25
"""How many replies one person posts before the next; ours takes no more than thirty at once."""


@dataclass(frozen=True)
class Load:
    """What one turn of requests gave."""

    counted: Counted
    server_ms: float
    """Processor milliseconds of the server for each request."""
    postgres_ms: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.counted["durations"]) / self.counted["seconds"]

    def quantile_ms(self, share: float) -> float:
        """The time within which this share of the requests was answered."""
        durations = self.counted["durations"]
        return 1000 * durations[min(len(durations) - 1, int(share * len(durations)))]


class PageContender(ABC):
    """One server with pages by their names, and a signed-in reader."""

    field = ""
    """The field of the form that takes a reply's text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port, self.pid = 0, 0
        self.pages: dict[str, str] = {}
        self.session = ""
        self.posters: list[tuple[str, str]] = []
        """Sessions, and the path to which each posts replies."""

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it."""

    def read(self, page: str, connections: int, seconds: float) -> Load:
        """Ask for one page, again and again."""
        job = Job(path=self.pages[page], session=self.session, field="", times=0)
        return self._load([[job] for _ in range(connections)], seconds)

    def post(self, connections: int, seconds: float) -> Load:
        """Post replies."""
        jobs = [
            Job(path=path, session=session, field=self.field, times=POSTS_OF_ONE)
            for session, path in self.posters
        ]
        # The next turn continues with people who have not posted yet.
        turn = max(connections, len(jobs) // 8)
        self.posters = self.posters[turn:] + self.posters[:turn]
        return self._load([jobs[:turn][number::connections] for number in range(connections)], seconds)

    def _load(self, jobs: list[list[Job]], seconds: float) -> Load:
        plan = Plan(port=self.port, seconds=seconds, connections=jobs)
        command = [*pinned(CLIENT_CORE), sys.executable, "-m", "bench.page_load"]
        # The start of the client is no work of the database's.
        before = usage.processor_seconds(self.pid), usage.processor_seconds(postgres().process.pid)
        done = subprocess.run(
            command, input=json.dumps(plan), capture_output=True, text=True, cwd=ROOT, check=True
        )
        after = usage.processor_seconds(self.pid), usage.processor_seconds(postgres().process.pid)
        counted: Counted = json.loads(done.stdout)
        if counted["wrong"]:
            raise RuntimeError(f"{self.name}: {counted['wrong'][0]}")
        server, database = (
            1000 * (late - early) / len(counted["durations"])
            for early, late in zip(before, after, strict=True)
        )
        return Load(counted, server, database)


class ProductionSite(Installation):
    """An installation in production mode, on PostgreSQL."""

    def __init__(self) -> None:
        super().__init__("postgres")
        self.manage("collectstatic", "--no-input", "--verbosity=0")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a server behind a proxy."""
        return production(str(self.folder), self.database_url)


class OurPages(PageContender):
    """Our server with a programme of some size."""

    field = "text"

    def __init__(self, people: int, institutes: int, spaces: int) -> None:
        super().__init__("ours")
        self.site = ProductionSite()
        size = (f"--people={people}", f"--institutions={institutes}", f"--spaces={spaces}")
        self.site.manage("load_programme", *size)
        file = self.site.folder / "plan.json"
        command = f"from bench.page_readers import write_plan; write_plan({str(file)!r})"
        self.site.manage("shell", "--no-imports", "--verbosity=0", "--command", command)
        plan = json.loads(file.read_text())
        self.pages, self.session, self.posters = plan["pages"], plan["session"], plan["posters"]

    def start(self) -> None:
        server = self.site.servers[0]
        server.options = ("--no-jobs",)
        server.start()
        assert server.process is not None
        self.port, self.pid = server.port, server.process.pid
        pin(self.pid, SERVER_CORE)

    def stop(self) -> None:
        self.site.stop()


class Peer(PageContender):
    """A forum in a Python environment of its own, under one worker of Gunicorn."""

    def __init__(self, name: str, module: str, *packages: str, field: str = "", topics: int = 2_000) -> None:
        super().__init__(name)
        self.field = field
        self._python = environment_of(module, *packages)
        database = f"peer_{module}_{os.getpid()}"
        postgres().make_database(database)
        self._variables = {
            "BENCH_DATABASE": database,
            "BENCH_POSTGRES": str(postgres().folder),
            "BENCH_TOPICS": str(topics),
        }
        file = temporary_folder("peer") / "plan.json"
        subprocess.run(
            [self._python, "-m", f"bench.peers.{module}", str(file)],
            cwd=ROOT,
            env=os.environ | self._variables,
            check=True,
        )
        plan: Any = json.loads(file.read_text())
        self.pages, self.session = plan["pages"], plan["session"]
        self.posters = [(self.session, path) for path in plan["posts"]] * 100
        gunicorn = ("-m", "gunicorn", "--workers=1", "--log-level=warning", "--bind=127.0.0.1:PORT")
        self._program = Program(
            name,
            str(self._python),
            *gunicorn,
            f"bench.peers.{module}:application",
            environment=self._variables,
        )

    def start(self) -> None:
        self._program.start()
        self.port, self.pid = self._program.port, self._program.pids[0]

    def stop(self) -> None:
        self._program.stop()


def environment_of(name: str, *packages: str) -> Path:
    """The Python of an environment with these packages and Gunicorn, made if it is missing. Raises
    UnavailableError when it cannot be."""
    folder = BUILD_FOLDER / "peers" / name
    installed = folder / "installed"
    wanted = " ".join(packages)
    python = folder / "bin" / "python"
    if not installed.exists() or installed.read_text() != wanted:
        log(f"Installing {wanted}")
        venv.create(folder, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-qq", "gunicorn", "psycopg[binary]", *packages]
        if subprocess.run(command, check=False).returncode:
            raise UnavailableError(f"pip could not fetch {wanted}")
        installed.write_text(wanted)
    return python
