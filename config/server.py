"""The server of an installation: pages by Daphne and, in the embedded form, the jobs beside them, in one
process."""

import asyncio
import atexit
import gc
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from django.db import connection
from twisted.internet import defer, reactor
from twisted.internet.tcp import Port
from twisted.python.failure import Failure

from messaging.chat import writer
from messaging.jobs import loop
from messaging.live import lifecycle, transport

FINISHING = 5.0
"""Seconds that pages have to be finished in when we are told to stop, and then again a round of jobs."""
ON_ITS_WAY = 0.3
"""Seconds in which a request that was sent before we closed has become a page."""
LAST_MOMENT = 3.0
"""Seconds that are left after that to whatever still runs in a thread."""
REQUEST_TIMEOUT = 60
"""Seconds one request may take in all."""
BACKLOG = 1024
"""Lines the system holds for us until we take them; after a restart everybody comes at once."""
COLLECTING = (50_000, 20, 50)
"""How much may be made until the collector looks; at Python's own measure it takes a seventh of each
connecting."""
SWITCHING = 0.0005
"""Seconds after which a thread that reckons lets another one on. The loop gives way with every frame it
writes, and at Python's own five milliseconds it would wait for the writer just as often."""
LOOKING = 2
"""Seconds between two looks for what takes too long."""
LOOKED_AT = 10
"""Rounds of looking for what takes too long, in which each open socket has its turn once."""
FILES_BESIDE = 200
"""Files a process has open beside its sockets, at most."""
FRAME_LIMIT = 64 * 1024
"""Bytes one message over a socket may have."""

logger = logging.getLogger("aftercourse.server")


def is_embedded() -> bool:
    """Whether this process is the whole installation: SQLite, and nobody else to talk to."""
    return connection.vendor == "sqlite" and not settings.REDIS_URL


class Server(Daphne):
    """Daphne, told that a taken port is a sentence and no stack of lines, and that stopping lets pages be
    finished."""

    def __init__(self, application: Any, host: str, port: int, told: Callable[[str], None]) -> None:
        super().__init__(
            application=application,
            endpoints=[
                f"{where}:backlog={BACKLOG}"
                for where in build_endpoint_description_strings(host=host, port=port)
            ],
            http_timeout=REQUEST_TIMEOUT,
            websocket_max_message_size=FRAME_LIMIT,
            websocket_max_frame_size=FRAME_LIMIT,
            ping_interval=transport.PING_INTERVAL_SECONDS,
            server_name="aftercourse",
            verbosity=0,
        )
        self.refusal: BaseException | None = None
        self._told = told
        self._ports: list[Port] = []
        self._rounds = 0

    def listen_success(self, port: Port) -> None:
        """Say where we answer, as soon as we do."""
        super().listen_success(port)
        self._ports.append(port)
        where = port.getHost()
        host = "localhost" if where.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else where.host
        reactor.callWhenRunning(self._told, f"http://{host}:{where.port}")

    def listen_error(self, failure: Failure) -> None:
        """Keep why we cannot listen, for the command to say, and do not start."""
        self.refusal = failure.value
        self.stop()

    def timeout_checker(self) -> None:
        """End what takes too long. An open socket is only pinged now and then: a part of them has its turn
        each time, since to look at thousands would be a tenth of all that a busy server does."""
        self._rounds += 1
        turn = self._rounds % LOOKED_AT
        for protocol in list(self.connections):
            is_socket = isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN
            if not is_socket or (id(protocol) >> 6) % LOOKED_AT == turn:
                protocol.check_timeouts()
        asyncio.get_event_loop().call_later(LOOKING, self.timeout_checker)

    def kill_all_applications(self) -> defer.Deferred:
        """Take nobody new, give those inside a moment to finish, then send them away."""
        for port in self._ports:
            port.doRead()  # who was let in by the system already, and would be cut off
            port.stopListening()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._let_go()))

    async def _let_go(self) -> None:
        lifecycle.app.closing = True
        # What was accepted is acknowledged while its senders are still there to hear it.
        await asyncio.to_thread(writer.finish, FINISHING)
        await asyncio.sleep(0)
        await lifecycle.stop()
        # A request that was on its way becomes a page only when it is read.
        until = monotonic() + FINISHING
        busy = True
        while busy and monotonic() < until:
            await asyncio.sleep(ON_ITS_WAY)
            busy = await self._finish_inside(until - monotonic())

    async def _finish_inside(self, seconds: float) -> bool:
        """Wait for those inside; whether there was anybody."""
        inside = [details.get("application_instance") for details in self.connections.values()]
        unfinished = [each for each in inside if each is not None and not each.done()]
        await _finish(unfinished, seconds)
        return bool(unfinished)


class JobsBeside:
    """The loop of jobs in a thread of this process."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=loop.run_forever, args=(self._stop,), name="jobs", daemon=True)

    def start(self) -> None:
        """Begin the first round."""
        self._thread.start()

    def stop(self) -> None:
        """Let the present round be finished, but do not wait for ever: what is left is due again
        elsewhere."""
        self._stop.set()
        if self._thread.ident is None:
            return
        self._thread.join(FINISHING)
        if self._thread.is_alive():
            logger.warning("A round of jobs took too long to finish; what it had in hand is taken up later")


def serve(server: Server, jobs: JobsBeside | None) -> None:
    """Serve until told to stop by SIGTERM or SIGINT. At most fifteen seconds later all has ended."""
    _have_files_enough()
    transport.disable_debug_formatting()
    # What was loaded stays: the collector need not go through all of it whenever a few sockets come.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTING)
    sys.setswitchinterval(SWITCHING)
    reactor.callWhenRunning(lifecycle.start)
    if jobs is not None:
        reactor.callWhenRunning(jobs.start)
    try:
        server.run()
    finally:
        if jobs is not None:
            jobs.stop()
        _leave_even_if_held_up()
    if server.refusal is None:
        atexit.register(_leave)


def _have_files_enough() -> None:
    """Each socket takes a file, and the system lets a process have few unless it asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.LIVE_SOCKETS + FILES_BESIDE
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if soft != resource.RLIM_INFINITY and allowed < wanted:
        lifecycle.app.limit = max(1, max(soft, allowed) - FILES_BESIDE)
        logger.warning("This process may have %s files, so it takes %s sockets", allowed, lifecycle.app.limit)


def _leave_even_if_held_up() -> None:
    """A page or a mail that hangs in its thread does not keep the process; mails are taken up by whoever is
    next."""
    force = threading.Timer(LAST_MOMENT, os._exit, args=(0,))
    force.daemon = True
    force.start()


def _leave() -> None:
    """Once the threads have ended: to take apart what is left of thousands of sockets would take seconds, in
    which whoever starts us again waits."""
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
