"""Jobs pause while the clock may be wrong, and say so."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from common import clock
from messaging.jobs import clock_guard, loop
from messaging.jobs.models import BelievedClock, Failure, SweepStatus

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PAUSE = 900


@pytest.fixture(autouse=True)
def _guarded(settings):
    settings.CLOCK_PAUSE_SECONDS = PAUSE


class Machine:
    """A machine whose clock and stopwatch stand still until they are moved."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.seconds = NOON, 0.0
        monkeypatch.setattr(clock_guard, "monotonic", lambda: self.seconds)

    def passes(self, **time: float) -> None:
        """Real time passes, and the clock shows it."""
        by = dt.timedelta(**time)
        self.now, self.seconds = self.now + by, self.seconds + by.total_seconds()

    def is_set(self, **by: float) -> None:
        """Somebody sets the clock."""
        self.now += dt.timedelta(**by)

    def allows(self, guard) -> bool:
        with clock.at(self.now):
            return guard.allows()


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


@pytest.fixture
def guard(machine):
    guard = clock_guard.ClockGuard()
    assert machine.allows(guard)
    return guard


def test_while_the_clock_goes_on_as_usual_jobs_run(machine, guard):
    for _round in range(3):
        machine.passes(minutes=20)
        assert machine.allows(guard)
    assert BelievedClock.read() == machine.now


def test_a_jump_of_more_than_a_day_pauses_them_and_is_listed(machine, guard, caplog):
    machine.is_set(days=35)
    assert not machine.allows(guard)
    failure = Failure.objects.get(kind="clock")
    assert "35 days ahead of the last run" in failure.error
    assert "35 days ahead of the last run" in caplog.text
    assert BelievedClock.read() == NOON


def test_when_the_clock_is_corrected_they_go_on_at_once(machine, guard):
    machine.is_set(days=35)
    assert not machine.allows(guard)
    machine.passes(minutes=2)
    machine.is_set(days=-35)
    assert machine.allows(guard)
    assert not Failure.objects.exists()


def test_after_a_week_without_power_they_go_on_after_the_pause(machine, guard):
    """Nobody can tell it from a wrong clock but by waiting for the time server."""
    machine.now += dt.timedelta(days=7)
    started_again = clock_guard.ClockGuard()
    assert not machine.allows(started_again)
    machine.passes(seconds=PAUSE - 1)
    assert not machine.allows(started_again)
    machine.passes(seconds=1)
    assert machine.allows(started_again)
    assert not Failure.objects.exists()
    assert BelievedClock.read() == machine.now


def test_a_night_without_power_is_nothing_special(machine, guard):
    machine.now += dt.timedelta(hours=12)
    assert machine.allows(clock_guard.ClockGuard())


def test_the_process_with_the_wrong_clock_never_goes_on_while_another_believes_another_time(machine, guard):
    wrong = clock_guard.ClockGuard()
    for _quarter in range(5):
        with clock.at(machine.now + dt.timedelta(days=35)):
            assert not wrong.allows()
        machine.passes(seconds=PAUSE)
        assert machine.allows(guard)


def test_a_clock_that_goes_back_by_days_pauses_them_too(machine, guard):
    machine.is_set(days=-3)
    assert not machine.allows(guard)
    assert "behind the last run" in Failure.objects.get(kind="clock").error
    machine.passes(seconds=PAUSE)
    assert machine.allows(guard)


def test_an_administrator_can_say_that_it_is_right(machine, guard):
    machine.is_set(days=7)
    assert not machine.allows(guard)
    with clock.at(machine.now):
        clock_guard.confirm()
    assert machine.allows(guard)
    assert not Failure.objects.exists()


def test_a_step_in_the_middle_of_a_round_stops_before_the_next_sweep(only, machine, guard):
    done = []
    only(
        first=lambda: machine.is_set(days=35) or done.append("first") or 1, second=lambda: done.append(2) or 1
    )
    loop.run_once(allows=lambda: machine.allows(guard))
    assert done == ["first"]


def test_the_command_says_what_to_do_and_does_nothing(only, machine, monkeypatch, capsys):
    done = []
    only(months=lambda: done.append(1) or 1)
    monkeypatch.setattr(clock_guard, "guard", clock_guard.ClockGuard())
    with clock.at(NOON):
        call_command("jobs", "--once")
    with clock.at(NOON + dt.timedelta(days=35)):
        with pytest.raises(CommandError, match="--yes-the-clock-is-right"):
            call_command("jobs", "--once")
        assert done == [1]
        call_command("jobs", "--once", "--yes-the-clock-is-right")
    assert done == [1, 1]


def test_an_hourly_job_that_a_wrong_clock_put_off_for_weeks_runs_again(only):
    done = []
    only()
    loop.register("housekeeping", lambda: done.append(1) or 0, every=dt.timedelta(hours=1))
    with clock.at(NOON + dt.timedelta(days=35)):
        loop.run_once()
    assert SweepStatus.objects.get(kind="housekeeping").next_run_at > NOON + dt.timedelta(days=35)
    with clock.at(NOON):
        loop.run_once()
        loop.run_once()
    assert done == [1, 1]


def test_the_demo_and_the_tests_move_the_clock_on_purpose(machine, settings):
    settings.CLOCK_PAUSE_SECONDS = 0
    guard = clock_guard.ClockGuard()
    assert machine.allows(guard)
    machine.is_set(days=35)
    assert machine.allows(guard)
