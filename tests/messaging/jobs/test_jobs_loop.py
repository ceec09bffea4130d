"""Doing what is due."""

import signal
import subprocess
import sys
import threading

import pytest
from django.core.management import call_command

from messaging.jobs import loop
from messaging.jobs.models import Pulse
from tests.site import ROOT, Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def only(monkeypatch):
    """`only(name=sweep)` has no other sweeps than these."""

    def replace(**sweeps):
        monkeypatch.setattr(loop, "_sweeps", dict(sweeps))

    return replace


def test_a_round_goes_through_all_sweeps_and_counts_what_they_did(only):
    only(mail=lambda: 2, months=lambda: 3)
    assert loop.run_once() == 5


def test_a_sweep_that_fails_is_logged_and_holds_up_nobody(only, caplog):
    def fail():
        raise RuntimeError("no such month")

    only(broken=fail, mail=lambda: 1)
    assert loop.run_once() == 1
    assert "no such month" in caplog.text
    assert Pulse.objects.filter(name=loop.PULSE).exists()


def test_each_round_beats_the_pulse(only):
    only()
    loop.run_once()
    first = Pulse.objects.get(name=loop.PULSE).beat_at
    loop.run_once()
    assert Pulse.objects.get(name=loop.PULSE).beat_at > first


def test_the_loop_ends_when_told_to(only):
    stop = threading.Event()
    rounds = []

    def sweep():
        rounds.append(1)
        stop.set()
        return 1

    only(mail=sweep)
    loop.run_forever(stop, every=60)
    assert rounds == [1]


def test_the_outbox_and_the_months_are_in_the_loop():
    assert "mail" in loop.registered()


def test_one_round_by_command(only, capsys):
    only(mail=lambda: 4)
    call_command("jobs", "--once")
    assert "4 done" in capsys.readouterr().out


def test_the_command_ends_cleanly_when_told_to():
    site = Site("sqlite")
    command = [sys.executable, "manage.py", "jobs", "--every", "0.2"]
    for how in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=site.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert "Doing what is due" in process.stdout.readline()
            process.send_signal(how)
            assert process.wait(15) == 0
            assert "Stopped" in process.stdout.read()
