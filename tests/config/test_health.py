"""Is it up, and can it work?"""

import datetime as dt
import logging
import time

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from common import clock
from config import health
from messaging.jobs import loop
from messaging.jobs.models import Pulse

pytestmark = pytest.mark.django_db


def test_up_says_nothing_about_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("health"))
    assert (response.status_code, response.content) == (200, b"up\n")


def test_ready_while_the_jobs_go_round(client):
    loop.beat()
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()) == (200, {"ready": True, "missing": []})


def test_not_ready_when_nobody_ever_did_the_jobs(client):
    Pulse.objects.all().delete()
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["jobs"])


def test_not_ready_when_the_jobs_have_died(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "STARTED", time.monotonic() - health.PATIENCE.total_seconds() - 1)
    loop.beat()
    with clock.at(clock.now() + health.PATIENCE + dt.timedelta(seconds=1)):
        response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["jobs"])
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize("ever", [False, True])
def test_to_have_just_started_is_no_error(client, ever, monkeypatch, caplog):
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    loop.beat()
    if not ever:
        Pulse.objects.all().delete()
    with caplog.at_level(logging.INFO), clock.at(clock.now() + dt.timedelta(days=1)):
        response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["jobs"])
    assert [record.levelno for record in caplog.records] == [logging.INFO]


def test_not_ready_with_the_tables_of_another_release(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "_is_migrated", False)
    MigrationRecorder.Migration.objects.filter(app="messaging").order_by("-pk")[:1].get().delete()
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["migrations"])
    assert "manage.py migrate" in caplog.text


def test_not_ready_without_a_database_and_not_a_word_about_why(client, monkeypatch, caplog):
    def refuse(*_args: object) -> None:
        raise DatabaseError("could not connect to host secret.internal")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(reverse("ready"))
    assert (response.status_code, response.json()["missing"]) == (503, ["database"])
    assert "secret.internal" not in response.content.decode()
    assert "secret.internal" in caplog.text, "the log says why"
