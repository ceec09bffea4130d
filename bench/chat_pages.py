"""Response times of pages of one process without sockets, and with five hundred sockets that chat. The
embedded form, on SQLite.
"""

import http.client
import random
import sys
import time
from typing import Any

from bench import usage
from bench.client_processes import Clients, check_deliveries, quantile_ms, read_json, read_logs
from bench.installation import Installation
from bench.report import Row, log, median, run

SOCKETS, ROOMS, RATE = 500, 20, 20.0
REPEATS, SECONDS = 3, 12.0
"""Turns of each, and seconds of a turn."""
MAX_PAUSE_SECONDS = 0.03
"""Between two requests; there is one at a time."""
WARM_UP_SECONDS = 2.0
"""Of requests that are not measured: templates are loaded, connections opened."""
SETTLE_SECONDS = 2.0
TIMEOUT_SECONDS = 60
"""For all clients to connect, or to receive everything."""


def measure(quick: bool) -> list[Row]:
    """Request pages, in turn without sockets and with five hundred that chat."""
    repeats, seconds = (1, 6.0) if quick else (REPEATS, SECONDS)
    usage.open_files(SOCKETS + 500)
    benchmark = PageBenchmark()
    try:
        return benchmark.measure(repeats, seconds)
    finally:
        benchmark.end()


class PageBenchmark:
    """A server of the embedded form, clients that chat, and one reader of pages."""

    def __init__(self) -> None:
        self.site = Installation("sqlite")
        self.crowd: Clients | None = None
        self.times: dict[tuple[str, bool], list[float | None]] = {}
        self.medians: dict[tuple[str, bool], list[float | None]] = {}

    def measure(self, repeats: int, seconds: float) -> list[Row]:
        """In turn: quiet, chatting."""
        self._prepare()
        self._request_pages(WARM_UP_SECONDS)
        for _ in range(repeats):
            for chatting in (False, True):
                log(f"Reading pages for {seconds:g} s, {'with 500 who chat' if chatting else 'alone'}")
                self._chat(chatting)
                self._read(chatting, seconds)
        self._rest()
        return [*self._rows(), *self._check_deliveries()]

    def end(self) -> None:
        """Stop everything that was started."""
        if self.crowd is not None:
            self.crowd.end()
        self.site.stop()

    def _prepare(self) -> None:
        month, plan = self.site.folder / "month", self.site.folder / "plan"
        create = (
            f"create_month({str(month)!r}); create_members({str(plan)!r}, people={SOCKETS}, rooms={ROOMS})"
        )
        self.site.manage(
            "shell", "-v", "0", "-c", f"from bench.fixtures import create_members, create_month; {create}"
        )
        self.site.start()
        self.month = read_json(month)
        members = read_json(plan)
        for number, member in enumerate(members):
            member["server"], member["in_foreground"] = 0, number % 10 == 0
        ports = [self.site.servers[0].port]
        self.crowd = Clients(self.site.folder, 0, {"ports": ports, "members": members})

    def _chat(self, chatting: bool) -> None:
        assert self.crowd is not None
        if not chatting:
            self._rest()
            self.crowd.do("leave")
        else:
            self.crowd.do("connect")
            self._wait(lambda status: sum(status["open"]) == SOCKETS)
            self.crowd.do("load", rate=RATE)
        time.sleep(SETTLE_SECONDS)

    def _rest(self) -> None:
        assert self.crowd is not None
        self.crowd.do("load", rate=0)
        self._wait(lambda status: not status["unacknowledged"])

    def _read(self, chatting: bool, seconds: float) -> None:
        for page, times in self._request_pages(seconds).items():
            self.times.setdefault((page, chatting), []).append(quantile_ms(sorted(times), 0.95))
            self.medians.setdefault((page, chatting), []).append(quantile_ms(sorted(times), 0.5))

    def _request_pages(self, seconds: float) -> dict[str, list[float]]:
        """The seconds each request took, one after the other."""
        connection = http.client.HTTPConnection("localhost", self.site.servers[0].port, timeout=30)
        durations: dict[str, list[float]] = {page: [] for page in self.month["pages"]}
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for page, path in self.month["pages"].items():
                started = time.perf_counter()
                connection.request("GET", path, headers={"Cookie": f"sessionid={self.month['session']}"})
                response = connection.getresponse()
                response.read()
                durations[page].append(time.perf_counter() - started)
                if response.status != 200:
                    raise RuntimeError(f"{path} answered {response.status}")
                time.sleep(random.uniform(0, MAX_PAUSE_SECONDS))
        connection.close()
        return durations

    def _rows(self) -> list[Row]:
        rows = []
        for page in self.month["pages"]:
            quiet, chatting = (median(self.times[page, chats]) or 0 for chats in (False, True))
            medians = [f"{median(self.medians[page, chats]) or 0:.1f}" for chats in (True, False)]
            rows.append(
                Row(
                    f"beside chat: p95 of {page} while {SOCKETS} chat, to alone",
                    chatting / quiet,
                    "times",
                    at_most=2,
                    detail=f"p95 {chatting:.1f} to {quiet:.1f} ms, p50 {' to '.join(medians)} ms",
                )
            )
        return rows

    def _check_deliveries(self) -> list[Row]:
        assert self.crowd is not None
        logs = read_logs(self.site)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self.crowd.do("expect", lasts=logs["lasts"])["behind"] and time.monotonic() < deadline:
            time.sleep(0.25)
        return check_deliveries("beside chat", [self.crowd.report()], logs)

    def _wait(self, until: Any) -> None:
        assert self.crowd is not None
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not until(self.crowd.do("status")):
            if time.monotonic() > deadline:
                raise RuntimeError("the clients timed out")
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
