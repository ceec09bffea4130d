"""The sides of a measurement: ours in its forms, and what it is compared with. Each starts its server on the
first core and says which sockets the load client is to open; the client and Valkey have the second core."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from redis import Redis

from bench import usage
from bench.client import MADE, Socket, pinned
from bench.installation import Installation
from bench.report import say
from tests.servers import valkey_url
from tests.site import ROOT, Server, reserve_port, temporary_folder
from tests.waiting import wait_until

PEOPLE = 2_000
"""People who are signed in: as many as the largest room has sockets, for each socket is somebody else's."""
SERVER_CORE, CLIENT_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (None, None)
PUBLISHERS = 200
"""People who write. Ours takes ten words a second from a socket, so few could not make it busy."""
NODE_PACKAGES = ("socket.io@4.8.4",)


class UnavailableError(Exception):
    """A side that cannot be had on this machine; the text says why."""


class Side(ABC):
    """One server to measure."""

    kind = "echo"
    total = 16
    """Messages that are under way at once when it is kept busy."""
    longer = 1.0
    """How many times as long as others it has to be measured to have delivered something."""
    words = 0.0
    """Words a second one publisher may say; 0 when nobody counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pids: list[int] = []

    @abstractmethod
    def start(self) -> None:
        """Start it, and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """End it."""

    @abstractmethod
    def plan(self, sockets: int) -> Iterator[Socket]:
        """So many sockets in one room, the first of them publishing."""

    def look(self) -> dict[str, float]:
        """What the measured server has used and holds now."""
        return {
            "cpu": usage.processor_seconds(self.pids[0]),
            "kib": usage.memory_mib(self.pids[0]) * 1024,
        }


class Ours(Side):
    """Our own server: embedded, or through Valkey, with the direct way to its sockets or the portable one.

    With `crossing` the publishers are at a second server, so that every message comes through Valkey.
    """

    kind = "ours"
    words = 9.0

    def __init__(
        self, name: str, valkey: bool = False, portable: bool = False, crossing: bool = False
    ) -> None:
        super().__init__(name)
        self.crossing = crossing
        self.tickets = True
        self._running: list[Server] = []
        self.site = Installation("sqlite", valkey_url() if valkey else "")
        if portable:
            self.site.servers[0].program = ("bench/portable.py",)
        self._file = self.site.folder / "people.json"
        self._shell(f"from bench.scene import lay; lay({str(self._file)!r}, people={PEOPLE}, rooms=1)")
        self._people = json.loads(self._file.read_text())

    def start(self) -> None:
        self.site.servers[0].options = ("--no-jobs",)
        self._pinned(self.site.servers[0], SERVER_CORE)
        if self.crossing:
            others = self.site.servers[1:]
            self._pinned(others[0] if others else self.site.another(), CLIENT_CORE)

    def stop(self) -> None:
        for server in self._running:
            server.stop()
        self._running.clear()
        self.pids.clear()

    def plan(self, sockets: int) -> Iterator[Socket]:
        people = self._people[:sockets]
        room = people[0]["room"]
        last, tickets = self._present(room, sockets)
        publishing = self._running[-1].port
        for number, person in enumerate(people):
            publishes = number < PUBLISHERS and not self.crossing
            yield self._socket(
                self._running[0].port, "publisher" if publishes else "reader", person, last, tickets
            )
        for person in people[:PUBLISHERS] if self.crossing else ():
            yield self._socket(publishing, "feeder", person, last, tickets)

    def log_is_whole(self) -> bool:
        """Whether the room's numbers go from 1 to its last without a gap, as many as there are rows."""
        self._shell(f"from bench.scene import tell_logs; tell_logs({str(self._file)!r})")
        told = json.loads(self._file.read_text())
        numbers = {room: [entry[0] for entry in log] for room, log in told["logs"].items()}
        return all(numbers.get(room, []) == list(range(1, last + 1)) for room, last in told["lasts"].items())

    def _pinned(self, server: Server, core: int | None) -> None:
        server.start()
        assert server.process is not None
        pin(server.process.pid, core)
        self._running.append(server)
        self.pids.append(server.process.pid)

    def _present(self, room: int, sockets: int) -> tuple[int, dict[str, str]]:
        """How far the room's log goes now, and tickets as pages would carry them at this moment."""
        self._shell(f"from bench.tickets import renew; renew({str(self._file)!r}, {room}, {sockets})")
        told = json.loads(self._file.read_text())
        return told["last"], told["tickets"]

    def _socket(
        self, port: int, role: str, person: dict[str, Any], last: int, tickets: dict[str, str]
    ) -> Socket:
        stream = f"room:{person['room']}"
        ticket = f"t={quote(tickets[person['session']])}&" if self.tickets else ""
        return Socket(
            port=port,
            kind=self.kind,
            role=role,
            room=stream,
            after=last,
            target=f"/live/?{ticket}s={stream},{{after}}&s=person:{person['person']},0",
            cookie=f"sessionid={person['session']}",
        )

    def _shell(self, command: str) -> None:
        self.site.manage("shell", "--no-imports", "--verbosity=0", "--command", command)


class Program(Side):
    """A server that is one command with its port."""

    def __init__(self, name: str, *command: str, environment: dict[str, str] | None = None) -> None:
        super().__init__(name)
        self.command = command
        self.environment = environment or {}
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.port = reserve_port()
        words = [word.replace("PORT", str(self.port)) for word in self.command]
        MADE.mkdir(exist_ok=True)
        with (MADE / "servers.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*pinned(SERVER_CORE), *words],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.pids = [self._process.pid]
        wait_until(self._answers, self.name, lambda: f"see {MADE / 'servers.log'}")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def plan(self, sockets: int) -> Iterator[Socket]:
        for number in range(sockets):
            role = "publisher" if number < PUBLISHERS else "reader"
            yield Socket(self.port, self.kind, role, "room", 0, self.target(number), self.cookie(number))

    def target(self, number: int) -> str:
        """Where a socket is opened."""
        return "/"

    def cookie(self, number: int) -> str:
        """What it is opened with."""
        return "-"

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended; see {MADE / 'servers.log'}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class SocketIo(Program):
    """socket.io on Node."""

    kind = "socketio"

    def __init__(self, name: str) -> None:
        folder = node_packages()
        super().__init__(name, "node", "bench/socket_io.js", "PORT", environment={"NODE_PATH": str(folder)})

    def target(self, number: int) -> str:
        return "/socket.io/?EIO=4&transport=websocket"


class Stock(Program):
    """The tutorial's chat. Few messages are under way at once: one occupies it for a second or more, and past
    a hundred that wait its layers drop them."""

    kind = "stock"
    total = 4
    longer = 4.0

    def __init__(self, name: str, layer: str) -> None:
        folder = temporary_folder("stock")
        self.layer = layer
        environment = {
            "BENCH_DATABASE": str(folder / "stock.sqlite3"),
            "BENCH_LAYER": layer,
            "BENCH_VALKEY": "" if layer == "memory" else valkey_url(),
        }
        daphne = ("-m", "daphne", "-b", "127.0.0.1", "-v", "0", "-p", "PORT", "bench.stock:application")
        super().__init__(name, sys.executable, *daphne, environment=environment)
        sessions = folder / "sessions.json"
        subprocess.run(
            [sys.executable, "-m", "bench.stock", str(sessions), str(PEOPLE)],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
        )
        self._sessions = json.loads(sessions.read_text())

    def start(self) -> None:
        if self.layer != "memory":
            # A Daphne that was ended leaves its members behind, and every message would be sent to them too.
            Redis.from_url(valkey_url()).flushall()
        super().start()

    def target(self, number: int) -> str:
        return "/ws/chat/room/"

    def cookie(self, number: int) -> str:
        return f"sessionid={self._sessions[number]}"


def node_packages() -> Path:
    """The folder of the packages of Node, fetched if they are not there; raises when they cannot be had."""
    folder = MADE / "node_modules"
    marks = [folder / name.partition("@")[0] / "package.json" for name in NODE_PACKAGES]
    if shutil.which("node") is None:
        raise UnavailableError("there is no Node here")
    if not all(mark.exists() for mark in marks):
        npm = shutil.which("npm")
        if npm is None:
            raise UnavailableError("there is no npm here")
        MADE.mkdir(exist_ok=True)
        (MADE / "package.json").write_text('{"private": true}\n')
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--loglevel=error")
        done = subprocess.run([npm, "install", *quiet, *NODE_PACKAGES], cwd=MADE, check=False)
        if done.returncode:
            raise UnavailableError("npm could not fetch the packages")
    return folder


def had(make: Callable[[], Side]) -> Side | str:
    """A side, or why it cannot be had here."""
    try:
        return make()
    except UnavailableError as reason:
        say(f"  not measured: {reason}")
        return str(reason)


@contextmanager
def running(side: Side) -> Iterator[Side]:
    """A side while its server runs."""
    try:
        side.start()
        time.sleep(0.5)
        yield side
    finally:
        side.stop()


def pin(pid: int, core: int | None) -> None:
    """Keep a process and its threads on one core."""
    if core is None:
        return
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def pin_valkey() -> None:
    """Keep Valkey on the client's core."""
    pin(int(Redis.from_url(valkey_url()).info("server")["process_id"]), CLIENT_CORE)
