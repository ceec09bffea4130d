"""`manage.py serve`, as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.messaging.post_office import open_post_office
from tests.servers import wait_until
from tests.site import ROOT, Site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site(os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite"))
    with open_post_office() as office:
        site.office = office
        site.more = {"AFTERCOURSE_MAIL_URL": office.url, "AFTERCOURSE_MAIL_AT_ONCE": "yes"}
        yield site


def serve(site: Site, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", *options],
        cwd=ROOT,
        env=site.environment | site.more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def answering(process: subprocess.Popen[str]) -> str:
    """The address it says it answers at."""
    for line in process.stdout:
        if found := re.search(r"Aftercourse answers at (http://\S+)", line):
            return found[1]
    raise AssertionError("the server ended without answering")


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def test_it_says_where_it_answers_does_the_jobs_and_stops_in_time(site):
    process = serve(site, "--port", "0", "--jobs")
    url = answering(process)
    assert fetch(url + "/health/") == (200, b"up\n")
    wait_until(lambda: fetch(url + "/ready/")[0] == 200, "The jobs", lambda: "")
    assert fetch(url + "/static/css/tokens.css")[0] == 200
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert time.monotonic() - started < 12
    process.stdout.close()


def test_without_jobs_it_is_up_but_nobody_does_what_is_due(site):
    site.manage("shell", "-c", "from messaging.jobs.models import Pulse; Pulse.objects.all().delete()")
    process = serve(site, "--port", "0", "--no-jobs")
    url = answering(process)
    assert fetch(url + "/health/")[0] == 200
    assert fetch(url + "/ready/") == (503, b'{"ready": false, "missing": ["jobs"]}')

    # A code does not wait for the jobs.
    page = urllib.request.urlopen(url + "/account/login/code/", timeout=20)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[1]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    body = f"csrfmiddlewaretoken={token}&email=nobody%40school.test".encode()
    request = urllib.request.Request(url + "/account/login/code/", body, {"Cookie": cookie, "Referer": url})
    urllib.request.urlopen(request, timeout=20).close()
    assert site.office.came.wait(20)
    assert site.office.mails[0]["To"] == "nobody@school.test"

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


def test_many_at_once_are_all_answered_on_the_kept_threads(site):
    process = serve(site, "--port", "0", "--no-jobs")
    url = answering(process)
    answers = []
    askers = [
        threading.Thread(target=lambda: answers.append(fetch(url + "/account/login/")[0])) for _ in range(24)
    ]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert answers == [200] * 24
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def test_a_taken_port_is_said_in_one_sentence(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = serve(site, "--port", str(port))
        said = process.stdout.read()
        assert process.wait(20) == 2
    assert said.strip() == f"Port {port} is taken; choose another with --port."
    process.stdout.close()
