"""The loop that runs the sweeps."""

import datetime as dt
import signal
import subprocess
import sys
import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from common import clock
from messaging.jobs import due, loop, status
from messaging.jobs.models import Failure, SweepStatus
from tests.site import ROOT, Site

pytestmark = pytest.mark.django_db


def fail():
    raise RuntimeError("no such month")


def test_a_round_runs_all_sweeps_and_counts_what_they_did(only):
    only(mail=lambda: 2, months=lambda: 3)
    assert loop.run_once() == 5


def test_a_sweep_that_raises_is_logged_and_does_not_hold_up_the_others(only, caplog):
    only(broken=fail, mail=lambda: 1)
    assert loop.run_once() == 1
    assert "no such month" in caplog.text
    assert SweepStatus.objects.get(kind="mail").succeeded_at is not None
    broken = SweepStatus.objects.get(kind="broken")
    assert broken.heartbeat_at is not None
    assert broken.succeeded_at is None
    failure = Failure.objects.get(kind="broken", row_id=0)
    assert failure.error == "RuntimeError", "what the error says may quote somebody"


def test_a_sweep_that_raises_waits_before_it_runs_again_and_is_then_forgotten(only, monkeypatch):
    runs = []

    def fail_at_first():
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError
        return 1

    only(months=fail_at_first)
    now = [1000.0]
    monkeypatch.setattr(loop, "monotonic", lambda: now[0])
    loop.run_once()
    assert loop.run_once() == 0
    now[0] += loop.RETRY_DELAYS[0].total_seconds()
    assert loop.run_once() == 1
    assert len(runs) == 2
    assert not Failure.objects.exists()


def test_a_failure_of_a_process_that_was_restarted_is_forgotten_when_the_sweep_succeeds(only):
    only(months=lambda: 0)
    due.note_failure("months", 0, RuntimeError())
    loop.run_once()
    assert not Failure.objects.exists()


def test_each_sweep_reports_when_it_ends(only):
    seen = []
    only(first=lambda: 1, second=lambda: seen.append(SweepStatus.objects.filter(kind="first").exists()) or 1)
    status._written_at = float("-inf")
    loop.run_once()
    assert seen == [True]
    first = SweepStatus.objects.get(kind="first").heartbeat_at
    loop.run_once()
    assert SweepStatus.objects.get(kind="first").heartbeat_at > first


def test_another_process_that_only_fails_does_not_hide_when_it_succeeded_last(only):
    moment = clock.now() - dt.timedelta(minutes=5)
    SweepStatus.objects.create(kind="months", heartbeat_at=moment, succeeded_at=moment)
    only(months=fail)
    loop.run_once()
    months = SweepStatus.objects.get(kind="months")
    assert months.succeeded_at == moment
    assert months.heartbeat_at > moment


def test_jobs_are_stale_when_no_sweep_has_ended_for_long(only):
    assert status.is_stale()
    only(mail=lambda: 0)
    loop.run_once()
    assert not status.is_stale()
    with clock.at(clock.now() + dt.timedelta(seconds=status.STALE_SECONDS + 1)):
        assert status.is_stale()


def test_a_sweep_with_an_interval_runs_once_in_so_long_whoever_runs_it(only):
    only()
    runs = []
    loop.register("housekeeping", lambda: runs.append(1) or 1, every=dt.timedelta(hours=1))
    now = clock.now()
    for minutes in (0, 30, 61, 62):
        with clock.at(now + dt.timedelta(minutes=minutes)):
            loop.run_once()
    assert len(runs) == 2


def test_a_sweep_with_an_interval_that_runs_out_of_time_goes_on_in_the_next_round(only, monkeypatch):
    monkeypatch.setattr(loop, "SWEEP_SECONDS", 0.0)
    only()
    runs = []
    loop.register("housekeeping", lambda: runs.append(1) or 1, every=dt.timedelta(hours=1))
    loop.run_once()
    loop.run_once()
    assert len(runs) == 2


def test_a_sweep_with_an_interval_that_is_slow_and_does_nothing_waits_for_its_turn(only, monkeypatch):
    monkeypatch.setattr(loop, "SWEEP_SECONDS", 0.0)
    only()
    runs = []
    loop.register("housekeeping", lambda: runs.append(1) or 0, every=dt.timedelta(hours=1))
    loop.run_once()
    loop.run_once()
    assert len(runs) == 1


def test_the_loop_ends_when_told_to(only):
    stop = threading.Event()
    rounds = []

    def sweep():
        rounds.append(1)
        stop.set()
        return 1

    only(mail=sweep, months=lambda: rounds.append(2) or 1)
    loop.run_forever(stop, interval=60)
    assert rounds == [1], "what was not begun is left to others"


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_hangs_in_a_thread_of_its_own_holds_up_nobody(only, monkeypatch):
    monkeypatch.setattr(loop, "STOP_SECONDS", 0.1)
    only()
    stop, release, rounds = threading.Event(), threading.Event(), []

    def count():
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        return 1

    loop.register("mail", lambda: int(release.wait(60)), thread="mail")
    loop.register("months", count)
    loop.run_forever(stop, interval=0.01)
    assert len(rounds) == 3
    release.set()
    for thread in threading.enumerate():
        if thread.name == "jobs-mail":
            thread.join(10)


def test_a_round_that_cannot_even_note_its_failure_is_logged_with_one_traceback(only, caplog, monkeypatch):
    stop, rounds = threading.Event(), []

    def unreachable():
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        raise DatabaseError("could not connect to host secret.internal")

    only(months=unreachable)
    monkeypatch.setattr(loop, "_note_failure", lambda sweep, error: (_ for _ in ()).throw(error))
    monkeypatch.setattr(loop.connection, "close", lambda: None)
    loop.run_forever(stop, interval=0.01)
    assert len(caplog.records) == 3
    assert [bool(record.exc_info) for record in caplog.records] == [True, False, False]


def test_the_outbox_is_in_the_loop():
    assert "mail" in loop.registered()


def test_one_round_by_command(only, capsys):
    only(mail=lambda: 4)
    call_command("jobs", "--once")
    assert "4 done" in capsys.readouterr().out


@pytest.mark.sqlite_alone  # an installation of its own
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
