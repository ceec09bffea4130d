"""`manage.py serve`: Daphne and, in the embedded form, the jobs in a thread of the same process."""

import asyncio
import atexit
import contextlib
import fcntl
import logging
import os
import resource
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep, time
from typing import IO, Any

from daphne import server as daphne_server
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from django.db import connection
from twisted.internet import defer, reactor
from twisted.internet.tcp import Port
from twisted.python.failure import Failure

from config.garbage import Collector
from config.http_protocol import Factory, with_pieces
from config.watch import Watch
from messaging.chat import writer
from messaging.jobs import loop
from messaging.live import lifecycle, transport

SHUTDOWN_SECONDS = 5.0
"""Time for open requests to finish at shutdown, and then again for the running round of jobs."""
LATE_REQUEST_SECONDS = 0.3
"""Time in which a request that was sent before the ports closed has reached the application."""
THREADS_EXIT_SECONDS = 3.0
"""Time left after that for threads to end before the process exits anyway."""
REQUEST_TIMEOUT_SECONDS = 60
"""Time in which the application has to begin its response."""
LISTEN_BACKLOG = 1024
"""Connections the kernel queues until they are accepted; after a restart all clients reconnect at once."""
SWITCH_INTERVAL_SECONDS = 0.0005
"""How long a CPU-bound thread may hold the GIL. The event loop releases it with every frame it writes, and
with Python's default of 5 ms it would wait that long for the writer thread each time."""
TIMEOUT_CHECK_SECONDS = 2
"""Time between two checks for connections that timed out."""
TIMEOUT_CHECK_ROUNDS = 10
"""Each open socket is checked once in this many rounds."""
MAX_FILES_BESIDE_SOCKETS = 200
"""Upper bound of the file descriptors a process uses beside its sockets."""
MAX_FRAME_BYTES = 64 * 1024
"""Largest WebSocket message a client may send."""
LEFT_BEHIND_SECONDS = 24 * 60 * 60
"""The age at which a temporary file is of no request any more."""
PREDECESSOR_SECONDS = 20.0
"""How long a server waits for the one before it to stop."""

logger = logging.getLogger("aftercourse.server")
_database_lock: IO[bytes] | None = None


def is_embedded() -> bool:
    """Whether this process is the whole installation: SQLite and no Redis."""
    return connection.vendor == "sqlite" and not settings.REDIS_URL


def lock_database() -> bool:
    """Whether this process is the only server on its SQLite database; then it is until it exits.

    Two would not see each other's messages for seconds, and count limits and presence each for itself. One
    that is just stopping is waited for.
    """
    global _database_lock
    _database_lock = Path(f"{connection.settings_dict['NAME']}.serving").open("ab")  # noqa: SIM115 kept open
    until = monotonic() + PREDECESSOR_SECONDS
    is_waiting = False
    while True:
        try:
            fcntl.flock(_database_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if monotonic() > until:
                _database_lock.close()
                return False
            if not is_waiting:
                is_waiting = True
                logger.warning("Another server runs on this database; waiting for it to stop")
            sleep(0.1)


class Server(Daphne):
    """Daphne with an error message instead of a traceback for a taken port, and a graceful shutdown."""

    def __init__(self, application: Any, host: str, port: int, on_listening: Callable[[str], None]) -> None:
        super().__init__(
            application=with_pieces(application),
            endpoints=[
                f"{where}:backlog={LISTEN_BACKLOG}"
                for where in build_endpoint_description_strings(host=host, port=port)
            ],
            http_timeout=REQUEST_TIMEOUT_SECONDS,
            websocket_max_message_size=MAX_FRAME_BYTES,
            websocket_max_frame_size=MAX_FRAME_BYTES,
            ping_interval=transport.PING_INTERVAL_SECONDS,
            server_name="aftercourse",
            verbosity=0,
        )
        self.refusal: BaseException | None = None
        self._on_listening = on_listening
        self._ports: list[Port] = []
        self._rounds = 0

    def run(self) -> None:
        """Serve until stopped."""
        # Daphne has no option for this.
        daphne_server.HTTPFactory = Factory
        super().run()

    def listen_success(self, port: Port) -> None:
        """Report the address once the server listens on it."""
        super().listen_success(port)
        self._ports.append(port)
        where = port.getHost()
        host = "localhost" if where.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else where.host
        reactor.callWhenRunning(self._on_listening, f"http://{host}:{where.port}")

    def listen_error(self, failure: Failure) -> None:
        """Store the error for the command to print, and do not start."""
        self.refusal = failure.value
        self.stop()

    def timeout_checker(self) -> None:
        """Close what timed out. Of the open sockets only a part is checked in each round: checking thousands
        every time would be a tenth of the work of a busy server."""
        # Before an error can end this round.
        asyncio.get_event_loop().call_later(TIMEOUT_CHECK_SECONDS, self.timeout_checker)
        self._rounds += 1
        remainder = self._rounds % TIMEOUT_CHECK_ROUNDS
        for protocol in list(self.connections):
            is_socket = isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN
            if not is_socket or (id(protocol) >> 6) % TIMEOUT_CHECK_ROUNDS == remainder:
                protocol.check_timeouts()

    def kill_all_applications(self) -> defer.Deferred:
        """Accept no new connections, let open requests finish, then cancel them."""
        for port in self._ports:
            port.doRead()  # accept what the kernel has queued, which closing would reset
            port.stopListening()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._shut_down()))

    async def _shut_down(self) -> None:
        lifecycle.app.closing = True
        # Acknowledge accepted messages while their senders are still connected.
        await asyncio.to_thread(writer.finish, SHUTDOWN_SECONDS)
        await asyncio.sleep(0)
        await lifecycle.stop()
        # A request that was being received reaches the application only once it has been read.
        until = monotonic() + SHUTDOWN_SECONDS
        busy = True
        while busy and monotonic() < until:
            await asyncio.sleep(LATE_REQUEST_SECONDS)
            busy = await self._finish_requests(until - monotonic())

    async def _finish_requests(self, seconds: float) -> bool:
        """Wait for open requests; return whether there were any."""
        running = [details.get("application_instance") for details in self.connections.values()]
        unfinished = [each for each in running if each is not None and not each.done()]
        await _finish(unfinished, seconds)
        return bool(unfinished)


class JobsThread:
    """The job loop in a thread of this process."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=loop.run_forever, args=(self._stop,), name="jobs", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current round, or after a few seconds: unfinished work is still due."""
        self._stop.set()
        if self._thread.ident is None:
            return
        self._thread.join(SHUTDOWN_SECONDS)
        if self._thread.is_alive():
            logger.warning("The round of jobs did not finish in time; unfinished work is retried later")


def serve(server: Server, jobs: JobsThread | None) -> None:
    """Serve until SIGTERM or SIGINT. The process exits at most fifteen seconds later."""
    _raise_file_limit()
    _use_own_folder()
    transport.disable_debug_formatting()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    reactor.callWhenRunning(Collector().start)
    reactor.callWhenRunning(Watch().start)
    reactor.callWhenRunning(lifecycle.start)
    if jobs is not None:
        reactor.callWhenRunning(jobs.start)
    try:
        server.run()
    finally:
        if jobs is not None:
            jobs.stop()
        _exit_even_if_a_thread_hangs()
    if server.refusal is None:
        atexit.register(_exit_now)


def _raise_file_limit() -> None:
    """Raise the limit of open files to what the sockets need; lower the limit of sockets if that fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.LIVE_SOCKETS + MAX_FILES_BESIDE_SOCKETS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if soft != resource.RLIM_INFINITY and allowed < wanted:
        lifecycle.app.limit = max(1, max(soft, allowed) - MAX_FILES_BESIDE_SOCKETS)
        logger.warning("This process may have %s files, so it takes %s sockets", allowed, lifecycle.app.limit)


def _use_own_folder() -> None:
    """Have request bodies written where uploads are, and delete what a killed server left there."""
    tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
    for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with contextlib.suppress(OSError):  # another server deletes it as well
            if path.stat().st_mtime < time() - LEFT_BEHIND_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _exit_even_if_a_thread_hangs() -> None:
    """A request or mail that hangs in a thread must not keep the process alive; mails are retried later."""
    force = threading.Timer(THREADS_EXIT_SECONDS, os._exit, args=(0,))
    force.daemon = True
    force.start()


def _exit_now() -> None:
    """Exit without destroying the objects of thousands of sockets, which would delay a restart by seconds."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _finish(unfinished: list[asyncio.Future[None]], seconds: float) -> None:
    if not unfinished:
        return
    _done, late = await asyncio.wait(unfinished, timeout=seconds)
    for each in late:
        each.cancel()
    if late:
        await asyncio.wait(late, timeout=1)
