"""`manage.py serve`, as a process of its own."""

import asyncio
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings

from config import server as server_module
from config.server import TIMEOUT_CHECK_ROUNDS, Server
from tests.post_office import open_post_office
from tests.site import ROOT, Site
from tests.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite"))


def hear_ctrl_c() -> None:
    """A shell has what it starts in the background ignore Ctrl+C, and so would all that we start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def serve(site: Site, *options: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """The server while a test looks at it."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", *options],
        cwd=ROOT,
        env=site.environment | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=hear_ctrl_c,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def answering(process: subprocess.Popen[str]) -> str:
    """The address it says it answers at."""
    for line in process.stdout or ():
        if found := re.search(r"Aftercourse answers at (http://\S+)", line):
            return found[1]
    raise AssertionError("the server ended without answering")


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def ask_for_a_code(url: str, address: str) -> None:
    with urllib.request.urlopen(url + "/account/login/code/", timeout=PATIENCE_SECONDS) as page:
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[:1])
        cookie = page.headers["Set-Cookie"].partition(";")[0]
    body = f"csrfmiddlewaretoken={token}&email={address.replace('@', '%40')}".encode()
    request = urllib.request.Request(url + "/account/login/code/", body, {"Cookie": cookie})
    urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()


def test_it_prints_its_address_runs_the_jobs_and_stops_cleanly(site):
    with serve(site, "--port", "0", "--jobs") as process:
        url = answering(process)
        assert fetch(url + "/health/") == (200, b"up\n")
        assert fetch(url + "/ready/")[0] == 200
        ran = b'aftercourse_jobs_last_success_timestamp_seconds{kind="mail"}'
        wait_until(lambda: ran in fetch(url + "/metrics/")[1], "The jobs")
        assert fetch(url + "/static/css/site.css")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_without_jobs_it_is_up_but_nobody_does_what_is_due_except_codes_that_leave_at_once(site):
    with open_post_office() as office:
        mail = {"AFTERCOURSE_MAIL_URL": office.url, "AFTERCOURSE_MAIL_AT_ONCE": "yes"}
        with serve(site, "--port", "0", "--no-jobs", **mail) as process:
            url = answering(process)
            assert fetch(url + "/health/")[0] == 200
            assert fetch(url + "/ready/")[0] == 200
            ask_for_a_code(url, "nobody@school.test")
            assert office.came.wait(PATIENCE_SECONDS)
            assert office.mails[0]["To"] == "nobody@school.test"

            # And a mail server that never answers does not delay stopping.
            office.came.clear()
            office.silent = True
            ask_for_a_code(url, "somebody@school.test")
            assert office.came.wait(PATIENCE_SECONDS)
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_SECONDS) == 0
            assert time.monotonic() - started < settings.EMAIL_TIMEOUT


def test_many_at_once_are_all_answered_by_the_pool_of_threads(site: Site) -> None:
    with serve(site, "--port", "0", "--no-jobs") as process:
        url = answering(process)
        answers: list[int] = []
        askers = [
            threading.Thread(target=lambda: answers.append(fetch(url + "/account/login/")[0]))
            for _number in range(24)
        ]
        for each in askers:
            each.start()
        for each in askers:
            each.join()
        assert answers == [200] * 24
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_taken_port_is_reported_in_one_sentence(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve(site, "--port", str(port)) as process:
            output, _errors = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 2
    assert output.strip() == f"Port {port} is taken; choose another with --port."


class Watched(WebSocketProtocol):
    """A socket that counts how often it is looked at."""

    def __init__(self, state: int) -> None:
        self.state, self.looks = state, 0

    def check_timeouts(self) -> None:
        self.looks += 1


def test_each_open_socket_is_looked_at_once_in_a_turn_and_one_that_opens_every_time() -> None:
    looking = Server(None, "127.0.0.1", 0, print)
    asleep = [Watched(Watched.STATE_OPEN) for _ in range(40)]
    opening = Watched(Watched.STATE_CONNECTING)
    looking.connections = {each: {} for each in [*asleep, opening]}

    async def turn() -> None:
        for _ in range(TIMEOUT_CHECK_ROUNDS):
            looking.timeout_checker()

    asyncio.run(turn())
    assert {each.looks for each in asleep} == {1}
    assert opening.looks == TIMEOUT_CHECK_ROUNDS


def test_a_connection_that_cannot_be_looked_at_does_not_end_the_rounds(monkeypatch) -> None:
    class Broken(Watched):
        def check_timeouts(self) -> None:
            super().check_timeouts()
            raise AttributeError

    monkeypatch.setattr(server_module, "TIMEOUT_CHECK_SECONDS", 0)
    looking, broken = Server(None, "127.0.0.1", 0, print), Broken(Watched.STATE_CONNECTING)
    looking.connections = {broken: {}}

    async def rounds() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        asyncio.get_running_loop().call_soon(looking.timeout_checker)
        while broken.looks < 2:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(rounds(), PATIENCE_SECONDS))


def test_a_second_server_on_one_sqlite_database_is_refused_in_a_sentence(tmp_path, monkeypatch):
    database = tmp_path / "aftercourse.sqlite3"
    monkeypatch.setitem(server_module.connection.settings_dict, "NAME", database)
    monkeypatch.setattr(server_module, "PREDECESSOR_SECONDS", 0.2)
    with Path(f"{database}.serving").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert not server_module.lock_database()
    assert server_module.lock_database(), "the other one has stopped"
    server_module._database_lock.close()


def test_a_server_that_does_no_jobs_says_so(site):
    with serve(site, "--port", "0", "--no-jobs") as process:
        answering(process)
        assert "manage.py jobs" in process.stdout.readline()
