"""What `/metrics/` says about the jobs."""

import datetime as dt

import pytest
from django.db import DatabaseError
from prometheus_client import generate_latest

from common import clock
from common.metrics import REGISTRY
from messaging.jobs import due, loop
from messaging.jobs.models import Failure, SweepStatus
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db


def value(name, kind):
    return REGISTRY.get_sample_value(f"aftercourse_jobs_{name}", {"kind": kind})


def test_each_job_tells_when_it_ran_how_long_it_took_and_what_is_left_of_it():
    now = clock.now()
    SweepStatus.objects.create(
        kind="months",
        heartbeat_at=now,
        succeeded_at=now - dt.timedelta(minutes=3),
        seconds=1.5,
        oldest_due_at=now - dt.timedelta(minutes=2),
    )
    due.note_failure("months", 1, RuntimeError())
    due.note_failure("months", 2, RuntimeError())
    due.note_failure("mail", 3, RuntimeError())
    with clock.at(now):
        assert value("failing_rows", "months") == 2
        assert value("failing_rows", "mail") == 1
        assert value("oldest_due_seconds", "months") == 120
        assert value("sweep_seconds", "months") == 1.5
        assert value("interval_seconds", "months") == loop.INTERVAL_SECONDS
        assert value("last_run_timestamp_seconds", "months") == now.timestamp()
        assert value("last_success_timestamp_seconds", "months") == now.timestamp() - 180


def test_the_interval_of_an_hourly_job_is_an_hour():
    SweepStatus.objects.create(kind="completion expiry", heartbeat_at=clock.now())
    assert value("interval_seconds", "completion expiry") == 3600


def test_a_job_that_never_ran_says_nothing_but_what_fails():
    SweepStatus.objects.create(kind="months")
    assert value("failing_rows", "months") == 0
    assert value("last_run_timestamp_seconds", "months") is None


def test_while_the_database_is_away_the_other_metrics_are_still_there(monkeypatch, caplog):
    def refuse(*_args, **_more):
        raise DatabaseError("could not connect to host secret.internal")

    monkeypatch.setattr(Failure.objects, "order_by", refuse)
    monkeypatch.setattr(Mail.objects, "filter", refuse)
    page = generate_latest(REGISTRY).decode()
    assert "aftercourse_live_sockets" in page
    assert "aftercourse_jobs" not in page
    assert "aftercourse_mails" not in page
    assert "secret" not in caplog.text
