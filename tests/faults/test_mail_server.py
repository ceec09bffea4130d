"""The mail server hangs, refuses, or is away, for an hour: pages and /ready/ do not notice, a code leaves
within seconds of its return and before everything else, and no mail is lost or doubled. A real process, real
SMTP, and a clock that is moved."""

import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from tests.faults.test_database import is_ready
from tests.post_office import open_post_office
from tests.site import Site, reserve_port
from tests.waiting import PATIENCE_SECONDS, wait_until

LETTERS = 20
SECONDS_TO_LEAVE = 30.0
"""The longest wait between two attempts (15 s), one round of the jobs, and what a busy machine adds."""
POST_LETTERS = f"""
from messaging.notifications import outbox
for number in range({LETTERS}):
    outbox.post(key=f"letter:{{number}}", kind="account-password-changed", user=None, language="en",
                zone="UTC", address=f"p{{number}}@school.test", context={{}})
"""
POST_CODE = """
import datetime as dt
from common import clock
from messaging.notifications import outbox
from messaging.notifications.models import Mail
outbox.post(key="code", kind="account-code", user=None, address="code@school.test", language="en",
            zone="UTC", context={"code": 1}, priority=Mail.Priority.CODE,
            expires_at=clock.now() + dt.timedelta(minutes=15))
"""
ATTEMPTS = """
from messaging.jobs.models import Failure
print(sum(Failure.objects.filter(kind="mail", row_id=0).values_list("attempts", flat=True)))
"""
STATE = """
from messaging.notifications.models import Mail
print(Mail.objects.filter(sent_at=None).count(), Mail.objects.exclude(given_up_at=None).count())
"""


@contextmanager
def answering(port: int, greeting: bytes) -> Iterator[None]:
    """A server that says one thing to whoever connects: nothing and stays, or a refusal and hangs up."""
    open_connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection = listening.accept()[0]
                except OSError:
                    return
                if greeting:
                    connection.sendall(greeting)
                    connection.close()
                else:
                    open_connections.append(connection)

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join(PATIENCE_SECONDS)
            for connection in open_connections:
                connection.close()


OUTAGES: dict[str, Callable[[int], AbstractContextManager[None]]] = {
    "hangs": lambda port: answering(port, b""),
    "refuses for now": lambda port: answering(port, b"421 4.3.2 too busy\r\n"),
    "refuses us": lambda port: answering(port, b"554 5.7.1 go away\r\n"),
    "is away": lambda _port: nullcontext(),
}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("outage", OUTAGES)
def test_an_hour_without_the_mail_server(outage, database):
    port = reserve_port()
    site = Site(database, mail_url=f"smtp://127.0.0.1:{port}")
    site.manage("shell", "-c", POST_LETTERS)
    site.start()
    try:
        with OUTAGES[outage](port):
            for _time in range(4):
                before = attempts(site)
                if outage != "hangs":  # there an attempt takes as long as the timeout
                    wait_until(lambda before=before: attempts(site) > before, "Another attempt", log(site))
                assert is_ready(site.url)
                with urllib.request.urlopen(site.url + "/account/login/", timeout=5) as page:
                    assert page.status == 200
                site.move_clock(minutes=15)
            site.manage("shell", "-c", POST_CODE)
        returned = time.monotonic()
        with open_post_office(port) as office:
            wait_until(office.came.is_set, "The code", log(site))
            assert time.monotonic() - returned < SECONDS_TO_LEAVE
            assert office.mails[0]["To"] == "code@school.test"
            wait_until(
                lambda: site.manage("shell", "-v0", "-c", STATE).split()[-2] == "0", "The rest", log(site)
            )
            assert Counter(mail["To"] for mail in office.mails) == {
                "code@school.test": 1,
                **{f"p{number}@school.test": 1 for number in range(LETTERS)},
            }
        assert site.manage("shell", "-v0", "-c", STATE).split()[-1] == "0", "no mail was given up"
        assert is_ready(site.url)
    finally:
        site.stop()


def attempts(site: Site) -> int:
    """How often the jobs have tried in vain."""
    return int(site.manage("shell", "-v0", "-c", ATTEMPTS).split()[-1])


def log(site: Site) -> Callable[[], str]:
    """The end of its log."""
    return lambda: site.log.read_text(errors="replace")[-3000:]
