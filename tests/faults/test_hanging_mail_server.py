"""A mail server that accepts connections and says nothing: the other jobs go on, and codes leave within
seconds of its return. A real process, real SMTP."""

import os
import signal
import socket

import pytest

from tests.forked import Forked
from tests.post_office import open_post_office
from tests.site import Site
from tests.waiting import wait_until

POST = """
from messaging.notifications import outbox
from messaging.notifications.models import Mail
for number in range(20):
    outbox.post(key=f"letter:{number}", kind="account-password-changed", user=None, language="en", zone="UTC",
                address=f"p{number}@school.test", context={})
outbox.post(key="code", kind="account-code", user=None, address="code@school.test", language="en", zone="UTC",
            context={"code": 1}, priority=Mail.Priority.CODE)
"""
STATE = """
from messaging.jobs.models import Failure, SweepStatus
statuses = dict(SweepStatus.objects.values_list("kind", "heartbeat_at"))
failures = Failure.objects.filter(kind="mail", row_id=0).count()
print("occasions" in statuses, "mail" in statuses, failures)
"""


@pytest.fixture
def server():
    """The listening socket of the mail server, which nobody answers at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def state(site: Site) -> list[str]:
    """Whether the sweep of occasions has ended, whether that of mail has, and whether that failed."""
    return site.manage("shell", "-v0", "-c", STATE).split()[-3:]


def test_other_jobs_go_on_while_the_mail_server_hangs_and_codes_leave_first_when_it_is_back(server):
    port = server.getsockname()[1]
    database = os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite")
    site = Site(database, mail_url=f"smtp://127.0.0.1:{port}")
    site.manage("shell", "-c", POST)
    jobs = Forked("jobs", "--every", "0.2", env=site.environment, stdout=1, stderr=2)
    try:
        server.settimeout(60)
        hanging = [server.accept()[0]]
        wait_until(lambda: state(site) == ["True", "False", "0"], "The other sweeps, while mail waits")

        # It comes back: the connection that hangs ends, and a server that answers has its port.
        server.close()
        for each in hanging:
            each.close()
        with open_post_office(port) as office:
            wait_until(lambda: len(office.mails) == 21, "The mails", lambda: str(len(office.mails)))
            assert office.mails[0]["To"] == "code@school.test"
        jobs.send_signal(signal.SIGTERM)
        assert jobs.wait(20) == 0
    finally:
        if jobs.poll() is None:
            jobs.kill()
