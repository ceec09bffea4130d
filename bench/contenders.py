"""The servers that are compared: ours in its forms, and others. Each runs on the first core and provides the
sockets that the load client opens; the client and Valkey run on the second core."""

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
from bench.client import BUILD_FOLDER, Socket, pinned
from bench.installation import Installation
from bench.report import log
from tests.servers import valkey_url
from tests.site import ROOT, Server, reserve_port, temporary_folder
from tests.waiting import wait_until

MEMBERS = 2_000
"""People with a session: as many as the largest room has sockets, each of another person."""
SERVER_CORE, CLIENT_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (None, None)
PUBLISHERS = 200
"""People who write. Ours accepts ten commands per second from a socket, so a few could not saturate it."""
NODE_PACKAGES = ("socket.io@4.8.4",)


class UnavailableError(Exception):
    """A contender that cannot run on this machine; the text says why."""


class Contender(ABC):
    """One server to measure."""

    kind = "echo"
    in_flight = 16
    """Messages in flight at once when it is saturated."""
    duration_factor = 1.0
    """How many times longer than the others it is measured, so that it delivers anything."""
    messages_per_second = 0.0
    """Messages per second one publisher may send; 0 for no limit."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pids: list[int] = []

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it."""

    @abstractmethod
    def plan(self, sockets: int) -> Iterator[Socket]:
        """`sockets` sockets in one room; the first of them publish."""

    def sample(self) -> dict[str, float]:
        """The processor seconds and memory (KiB) of the measured server so far."""
        return {
            "cpu": usage.processor_seconds(self.pids[0]),
            "kib": usage.memory_mib(self.pids[0]) * 1024,
        }


class Ours(Contender):
    """Our own server: embedded or with Valkey, with the direct or the portable transport.

    With `crossing` the publishers are connected to a second server, so that every message goes through
    Valkey.
    """

    kind = "ours"
    messages_per_second = 9.0

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
        create = f"create_members({str(self._file)!r}, people={MEMBERS}, rooms=1)"
        self._shell(f"from bench.fixtures import create_members; {create}")
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
        last, tickets = self._fresh_tickets(room, sockets)
        publishing = self._running[-1].port
        for number, person in enumerate(people):
            publishes = number < PUBLISHERS and not self.crossing
            yield self._socket(
                self._running[0].port, "publisher" if publishes else "reader", person, last, tickets
            )
        for person in people[:PUBLISHERS] if self.crossing else ():
            yield self._socket(publishing, "feeder", person, last, tickets)

    def log_is_complete(self) -> bool:
        """Whether the room's log has every number from 1 to its last once."""
        self._shell(f"from bench.fixtures import dump_logs; dump_logs({str(self._file)!r})")
        answer = json.loads(self._file.read_text())
        numbers = {room: [entry[0] for entry in log] for room, log in answer["logs"].items()}
        return all(
            numbers.get(room, []) == list(range(1, last + 1)) for room, last in answer["lasts"].items()
        )

    def _pinned(self, server: Server, core: int | None) -> None:
        server.start()
        assert server.process is not None
        pin(server.process.pid, core)
        self._running.append(server)
        self.pids.append(server.process.pid)

    def _fresh_tickets(self, room: int, sockets: int) -> tuple[int, dict[str, str]]:
        """The last number of the room, and fresh tickets."""
        self._file.write_text(json.dumps(self._people[:sockets]))
        self._shell(f"from bench.tickets import renew; renew({str(self._file)!r}, {room})")
        answer = json.loads(self._file.read_text())
        return answer["last"], answer["tickets"]

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


class Program(Contender):
    """A server started by one command."""

    def __init__(self, name: str, *command: str, environment: dict[str, str] | None = None) -> None:
        super().__init__(name)
        self.command = command
        self.environment = environment or {}
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.port = reserve_port()
        command = [part.replace("PORT", str(self.port)) for part in self.command]
        BUILD_FOLDER.mkdir(exist_ok=True)
        with (BUILD_FOLDER / "servers.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*pinned(SERVER_CORE), *command],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.pids = [self._process.pid]
        wait_until(self._answers, self.name, lambda: f"see {BUILD_FOLDER / 'servers.log'}")

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
        """The path of a socket."""
        return "/"

    def cookie(self, number: int) -> str:
        """The cookie of a socket."""
        return "-"

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended; see {BUILD_FOLDER / 'servers.log'}")
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
    """The chat of the Channels tutorial. Few messages are in flight at once: one takes it a second or more,
    and its channel layers drop what is queued past a hundred."""

    kind = "stock"
    in_flight = 4
    duration_factor = 4.0

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
            [sys.executable, "-m", "bench.stock", str(sessions), str(MEMBERS)],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
        )
        self._sessions = json.loads(sessions.read_text())

    def start(self) -> None:
        if self.layer != "memory":
            # A stopped Daphne leaves its group members behind, and every message would be sent to them too.
            Redis.from_url(valkey_url()).flushall()
        super().start()

    def target(self, number: int) -> str:
        return "/ws/chat/room/"

    def cookie(self, number: int) -> str:
        return f"sessionid={self._sessions[number]}"


def node_packages() -> Path:
    """The folder of the Node packages, installed if missing. Raises UnavailableError when that is
    impossible."""
    folder = BUILD_FOLDER / "node_modules"
    manifests = [folder / name.partition("@")[0] / "package.json" for name in NODE_PACKAGES]
    if shutil.which("node") is None:
        raise UnavailableError("there is no Node here")
    if not all(manifest.exists() for manifest in manifests):
        npm = shutil.which("npm")
        if npm is None:
            raise UnavailableError("there is no npm here")
        BUILD_FOLDER.mkdir(exist_ok=True)
        (BUILD_FOLDER / "package.json").write_text('{"private": true}\n')
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--loglevel=error")
        done = subprocess.run([npm, "install", *quiet, *NODE_PACKAGES], cwd=BUILD_FOLDER, check=False)
        if done.returncode:
            raise UnavailableError("npm could not fetch the packages")
    return folder


def available(make: Callable[[], Contender]) -> Contender | str:
    """A contender, or why it cannot run here."""
    try:
        return make()
    except UnavailableError as reason:
        log(f"  not measured: {reason}")
        return str(reason)


@contextmanager
def running(contender: Contender) -> Iterator[Contender]:
    """Run a contender's server during the block."""
    try:
        contender.start()
        time.sleep(0.5)
        yield contender
    finally:
        contender.stop()


def pin(pid: int, core: int | None) -> None:
    """Pin a process and its threads to a core."""
    if core is None:
        return
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def pin_valkey() -> None:
    """Pin Valkey to the client's core."""
    pin(int(Redis.from_url(valkey_url()).info("server")["process_id"]), CLIENT_CORE)
