"""Pages asked for while rooms chat: what one process takes for a page when nobody is there, and when it has
five hundred sockets that chat. The embedded form, on SQLite.
"""

import http.client
import random
import sys
import time
from typing import Any

from bench import usage
from bench.crowds import Clients, accounts, at, json_of, told_by
from bench.installation import Installation
from bench.report import Row, middle, run, say

SOCKETS, ROOMS, RATE = 500, 20, 20.0
REPEATS, SECONDS = 3, 12.0
"""Times that each is measured, by turns, and for how long."""
PAUSE = 0.03
"""Seconds between two pages, at most: one reader after the other."""
WARMING = 2.0
"""Seconds of asking that are not measured: templates are read, connections opened."""
SETTLING = 2.0
WAITING = 60
"""Seconds everybody may take to come, or to read the end."""


def measure(quick: bool) -> list[Row]:
    """Ask for pages, by turns with nobody there and with five hundred chatting."""
    repeats, seconds = (1, 6.0) if quick else (REPEATS, SECONDS)
    usage.open_files(SOCKETS + 500)
    reading = Reading()
    try:
        return reading.measure(repeats, seconds)
    finally:
        reading.end()


class Reading:
    """A server of the embedded form, who chats there, and one who reads pages."""

    def __init__(self) -> None:
        self.site = Installation("sqlite")
        self.crowd: Clients | None = None
        self.times: dict[tuple[str, bool], list[float | None]] = {}
        self.halves: dict[tuple[str, bool], list[float | None]] = {}

    def measure(self, repeats: int, seconds: float) -> list[Row]:
        """By turns: quiet, chatting."""
        self._prepare()
        self._ask(WARMING)
        for _ in range(repeats):
            for chatting in (False, True):
                say(f"Reading pages for {seconds:g} s, {'with 500 who chat' if chatting else 'alone'}")
                self._chat(chatting)
                self._read(chatting, seconds)
        self._rest()
        return [*self._rows(), *self._accounts()]

    def end(self) -> None:
        """End all that was started."""
        if self.crowd is not None:
            self.crowd.end()
        self.site.stop()

    def _prepare(self) -> None:
        month, plan = self.site.folder / "month", self.site.folder / "plan"
        laying = f"lay_month({str(month)!r}); lay({str(plan)!r}, people={SOCKETS}, rooms={ROOMS})"
        self.site.manage("shell", "-v", "0", "-c", f"from bench.scene import lay, lay_month; {laying}")
        self.site.start()
        self.month = json_of(month)
        members = json_of(plan)
        for number, member in enumerate(members):
            member["server"], member["looks"] = 0, number % 10 == 0
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
        time.sleep(SETTLING)

    def _rest(self) -> None:
        assert self.crowd is not None
        self.crowd.do("load", rate=0)
        self._wait(lambda status: not status["unacknowledged"])

    def _read(self, chatting: bool, seconds: float) -> None:
        for page, times in self._ask(seconds).items():
            self.times.setdefault((page, chatting), []).append(at(sorted(times), 0.95))
            self.halves.setdefault((page, chatting), []).append(at(sorted(times), 0.5))

    def _ask(self, seconds: float) -> dict[str, list[float]]:
        """What each page took, asked for one after the other."""
        line = http.client.HTTPConnection("localhost", self.site.servers[0].port, timeout=30)
        taken: dict[str, list[float]] = {page: [] for page in self.month["pages"]}
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for page, path in self.month["pages"].items():
                started = time.perf_counter()
                line.request("GET", path, headers={"Cookie": f"sessionid={self.month['session']}"})
                answer = line.getresponse()
                answer.read()
                taken[page].append(time.perf_counter() - started)
                if answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}")
                time.sleep(random.uniform(0, PAUSE))
        line.close()
        return taken

    def _rows(self) -> list[Row]:
        rows = []
        for page in self.month["pages"]:
            quiet, chatting = (middle(self.times[page, chats]) or 0 for chats in (False, True))
            halves = [f"{middle(self.halves[page, chats]) or 0:.1f}" for chats in (True, False)]
            rows.append(
                Row(
                    f"pages: p95 of {page} while {SOCKETS} chat, to alone",
                    chatting / quiet,
                    "times",
                    at_most=2,
                    detail=f"p95 {chatting:.1f} to {quiet:.1f} ms, p50 {' to '.join(halves)} ms",
                )
            )
        return rows

    def _accounts(self) -> list[Row]:
        assert self.crowd is not None
        told = told_by(self.site)
        deadline = time.monotonic() + WAITING
        while self.crowd.do("expect", lasts=told["lasts"])["behind"] and time.monotonic() < deadline:
            time.sleep(0.25)
        return accounts("pages", [self.crowd.report()], told)

    def _wait(self, until: Any) -> None:
        assert self.crowd is not None
        deadline = time.monotonic() + WAITING
        while not until(self.crowd.do("status")):
            if time.monotonic() > deadline:
                raise RuntimeError("the clients took too long")
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
