"""A client that asks one server for pages or posts replies, over several connections at once.

    python -m bench.page_load < PLAN       prints what it counted as JSON

A process of its own, so that it can run on another core than the server. The server decides whether a
connection stays open, as browsers let it.
"""

import http.client
import json
import sys
import threading
import time
import uuid
from typing import Any, TypedDict
from urllib.parse import urlencode

TIMEOUT_SECONDS = 60
TOKEN = "a" * 32
"""The CSRF token, in cookie and form; Django compares the two."""


class Job(TypedDict):
    """A request that is repeated so many times before the next job's turn (0: until the end)."""

    path: str
    session: str
    field: str
    """The field of a form that takes the text of a reply; empty for a page."""
    times: int


class Plan(TypedDict):
    """What is asked of the server on a port. Each connection has its own jobs."""

    port: int
    seconds: float
    connections: list[list[Job]]


class Counted(TypedDict):
    """The seconds each request took, sorted; how long all of it took; the length of an answer; answers that
    were wrong."""

    durations: list[float]
    seconds: float
    bytes: int
    wrong: list[str]


def run(plan: Plan) -> Counted:
    """Ask until the time is over."""
    counted = Counted(durations=[], seconds=0.0, bytes=0, wrong=[])
    started = time.monotonic()
    ends = started + plan["seconds"]
    threads = [
        threading.Thread(target=_ask, args=(plan["port"], jobs, ends, counted))
        for jobs in plan["connections"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted["seconds"] = time.monotonic() - started
    counted["durations"].sort()
    return counted


def _ask(port: int, jobs: list[Job], ends: float, counted: Counted) -> None:
    connection = http.client.HTTPConnection("localhost", port, timeout=TIMEOUT_SECONDS)
    for job in jobs:
        done = 0
        while (not job["times"] or done < job["times"]) and time.monotonic() < ends:
            started = time.perf_counter()
            method, body, headers = _request(job)
            connection.request(method, job["path"], body, headers)
            response = connection.getresponse()
            text = response.read()
            counted["durations"].append(time.perf_counter() - started)
            counted["bytes"] = len(text)
            if response.status != (302 if job["field"] else 200):
                counted["wrong"].append(f"{job['path']} answered {response.status}: {text[:200]!r}")
            done += 1
    connection.close()


def _request(job: Job) -> tuple[str, str | None, dict[str, str]]:
    headers = {
        "Cookie": f"sessionid={job['session']}; csrftoken={TOKEN}",
        "Accept": "text/html",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "127.0.0.1",
    }
    if not job["field"]:
        return "GET", None, headers
    key = str(uuid.uuid4())
    fields = {
        "csrfmiddlewaretoken": TOKEN,
        job["field"]: f"We let them draw it. {key} " * 6,
        "client_id": key,
    }
    headers |= {
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": "https://localhost/",
        "Origin": "https://localhost",
    }
    return "POST", urlencode(fields), headers


def main() -> int:
    """Read the plan, print what was counted."""
    plan: Any = json.load(sys.stdin)
    json.dump(run(plan), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
