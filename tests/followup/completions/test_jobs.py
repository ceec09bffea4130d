"""The jobs continue batches and undos, retry failing ones later, and delete old lists."""

import datetime as dt

from django.db.models import F

from common import clock
from followup.completions import actions, jobs
from followup.completions.undo import process_undo, undo
from followup.courses.models import CompletionBatch
from followup.months.models import Month
from tests.followup.completions.shared import everything, long_list, sweep


def test_a_failing_batch_waits_longer_each_time_and_delays_no_other(uploaded, new_run, cast, monkeypatch):
    stuck, other = (uploaded(f"email,name\n{name}@school.test,{name}\n") for name in ("one", "two"))
    for batch in (stuck, other):
        actions.start(batch=batch, by=cast.coordinator)
    attempts = []

    def broken_for_one(pk: int) -> int:
        attempts.append(pk)
        if pk == stuck.pk:
            raise RuntimeError("broken")
        return actions.process(pk)

    monkeypatch.setattr(jobs, "process", broken_for_one)
    now = clock.now()
    for minutes in (0, 0.5, 1.5, 2, 7):
        with clock.at(now + dt.timedelta(minutes=minutes)):
            jobs.sweep_batches()
    assert attempts == [stuck.pk, other.pk, stuck.pk, stuck.pk]
    other.refresh_from_db()
    assert other.applied_at is not None


def test_the_jobs_continue_a_batch_that_a_request_could_not_finish(uploaded, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 3)
    batch = actions.apply(batch=uploaded(long_list(8)), by=coordinator, seconds=0)
    assert (batch.rows_done, batch.applied_at) == (3, None)
    sweep()
    batch.refresh_from_db()
    assert batch.rows_done == 8
    assert batch.applied_at is not None
    assert batch.entries.count() == 8


def test_a_batch_that_was_killed_between_two_slices_continues_where_it_stopped(
    uploaded, coordinator, monkeypatch
):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 3)
    batch = actions.apply(batch=uploaded(long_list(8)), by=coordinator, seconds=0)
    CompletionBatch.objects.filter(pk=batch.pk).update(claimed_until=clock.now() + actions.LEASE)
    assert sweep() == 0
    with clock.at(clock.now() + actions.LEASE + dt.timedelta(seconds=1)):
        sweep()
    batch.refresh_from_db()
    assert (batch.rows_done, batch.entries.count()) == (8, 8)


def test_a_long_list_can_be_undone_while_it_is_being_applied(uploaded, coordinator, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_TRANSACTION", 3)
    batch = uploaded(long_list(8))
    before = everything()
    actions.apply(batch=batch, by=coordinator, seconds=0)
    undo(batch=batch, by=coordinator)
    sweep()
    assert everything() == before


def test_the_jobs_continue_undoing(uploaded, coordinator, monkeypatch):
    batch = uploaded(long_list(8))
    before = everything()
    actions.apply(batch=batch, by=coordinator)
    monkeypatch.setattr("followup.completions.undo.PEOPLE_PER_TRANSACTION", 3)
    undo(batch=batch, by=coordinator, seconds=0)
    assert batch.entries.count() == 5
    sweep()
    assert everything() == before
    assert process_undo(batch.pk) == 0


def test_lists_that_were_never_applied_are_deleted(uploaded):
    batch = uploaded()
    CompletionBatch.objects.update(made_at=F("made_at") - jobs.UNAPPLIED_LIST_LIFETIME - dt.timedelta(days=1))
    sweep()
    assert not CompletionBatch.objects.filter(pk=batch.pk).exists()


def test_undoing_continues_after_the_user_who_started_it_has_left_the_institute(
    cast, uploaded, new_run, monkeypatch
):
    batch = actions.apply(batch=uploaded(long_list(8)), by=cast.coordinator)
    monkeypatch.setattr("followup.completions.undo.PEOPLE_PER_TRANSACTION", 3)
    undo(batch=batch, by=cast.coordinator, seconds=0)
    cast.coordinator.staff_roles.all().delete()
    sweep()
    assert not batch.entries.exists()
    assert not Month.objects.filter(month_runs__run=new_run).exists()


def test_a_batch_that_cannot_be_undone_delays_no_other(cast, uploaded, new_run, monkeypatch, caplog):
    stuck, other = (uploaded(f"email,name\n{name}@school.test,{name}\n") for name in ("one", "two"))
    for batch in (stuck, other):
        actions.apply(batch=batch, by=cast.coordinator)
        CompletionBatch.objects.filter(pk=batch.pk).update(undone_at=clock.now(), undone_by=cast.coordinator)

    def broken_for_one(pk):
        if pk == stuck.pk:
            raise RuntimeError("broken")
        return process_undo(pk)

    monkeypatch.setattr(jobs, "process_undo", broken_for_one)
    sweep()
    assert not other.entries.exists()
    assert f"completion undos {stuck.pk} failed" in caplog.text
