"""Is it up, and can it work?"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from common import clock
from config import health
from config.watch import Watch
from messaging.jobs import status
from messaging.jobs.models import SweepStatus

pytestmark = pytest.mark.django_db


def test_health_runs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("health"))
    assert (response.status_code, response.content) == (200, b"up\n")


def test_ready_when_the_database_answers(client):
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()) == (200, {"ready": True, "missing": []})


def test_ready_though_nobody_runs_the_jobs(client, caplog):
    assert client.get(reverse("ready")).status_code == 200
    assert not caplog.records


@pytest.fixture
def watch():
    """As it is a while after the start."""
    watch = Watch()
    watch._started_at = time.monotonic() - status.STALE_SECONDS - 1
    return watch


def test_the_log_says_once_that_nobody_runs_the_jobs(watch, caplog):
    for _ in range(3):
        watch.look()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "manage.py jobs" in caplog.text


def test_a_process_that_has_just_started_does_not_complain_about_the_jobs(caplog):
    Watch().look()
    assert not caplog.records


def test_jobs_that_run_are_not_in_the_log(watch, caplog):
    SweepStatus.objects.create(kind="mail", heartbeat_at=clock.now())
    watch.look()
    assert not caplog.records


def test_not_ready_with_the_tables_of_another_release(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "_is_migrated", False)
    MigrationRecorder.Migration.objects.filter(app="messaging").order_by("-pk")[:1].get().delete()
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["migrations"])
    assert "manage.py migrate" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_ready_at_once_after_the_database_was_restarted(client):
    """All pooled connections are broken then."""
    if connection.vendor == "postgresql":
        with ThreadPoolExecutor(1) as other, connection.cursor() as cursor:
            other.submit(lambda: (connection.ensure_connection(), connection.close())).result()
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
            assert cursor.fetchall()
            answers = [health.database_answers, lambda: connection.close() or True]
            assert all(other.submit(answer).result() for answer in answers)
    assert client.get(reverse("ready")).status_code == 200


def test_not_ready_without_a_database_and_the_page_does_not_say_why(client, monkeypatch, caplog):
    def refuse(*_args: object) -> None:
        raise DatabaseError("could not connect to host secret.internal")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["database"])
    assert "secret.internal" not in response.content.decode()
    assert "secret.internal" in caplog.text, "the log says why"
