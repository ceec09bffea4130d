"""Due rows are done one after the other, and one that fails holds up no other."""

import datetime as dt
import logging

import pytest
from django.db import IntegrityError, connection, transaction

from common import clock
from messaging.jobs import due, status
from messaging.jobs.models import Failure
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails():
    """Three due rows of some model; any will do."""
    now = clock.now()
    return [
        Mail.objects.create(
            key=str(n), kind="x", address="a@school.test", not_before=now - dt.timedelta(minutes=10 - n)
        )
        for n in range(3)
    ]


def rows():
    return Mail.objects.filter(sent_at=None, given_up_at=None, not_before__lte=clock.now()).order_by(
        "not_before", "pk"
    )


def sweep(do):
    return due.sweep_rows("mails", rows(), do, due_at="not_before")


def send(pk):
    return Mail.objects.filter(pk=pk, sent_at=None).update(sent_at=clock.now())


def send_but(*failing):
    def do(pk):
        with transaction.atomic():
            done = send(pk)
            if pk in failing:
                raise RuntimeError("Petra wrote something")
            return done

    return do


def test_due_rows_are_done_in_their_order_and_counted(mails):
    done = []
    assert sweep(lambda pk: done.append(pk) or send(pk)) == 3
    assert done == [mail.pk for mail in mails]
    assert sweep(send) == 0


def test_a_row_that_fails_holds_up_no_other_and_waits_longer_each_time(mails, caplog):
    first = mails[0]
    assert sweep(send_but(first.pk)) == 2
    failure = Failure.objects.get()
    assert (failure.kind, failure.row_id, failure.attempts) == ("mails", first.pk, 1)
    assert failure.error == "RuntimeError"
    for attempts, delay in enumerate([*due.RETRY_DELAYS, due.RETRY_DELAYS[-1]], start=1):
        failure.refresh_from_db()
        assert failure.attempts == attempts
        assert failure.next_attempt_at - failure.last_failed_at == delay
        with clock.at(failure.next_attempt_at - dt.timedelta(seconds=1)):
            sweep(lambda pk: pytest.fail("it waits"))
        with clock.at(failure.next_attempt_at):
            assert sweep(send_but(first.pk)) == 0
    tracebacks = [record for record in caplog.records if record.exc_info]
    assert len(tracebacks) == 1
    assert "Petra" not in "".join(record.getMessage() for record in caplog.records)


def test_a_row_that_succeeds_at_last_has_not_failed_any_more(mails, caplog):
    sweep(send_but(mails[0].pk))
    with clock.at(Failure.objects.get().next_attempt_at), caplog.at_level(logging.INFO):
        assert sweep(send) == 1
    assert not Failure.objects.exists()
    assert "succeeded" in caplog.text


def test_the_error_of_a_database_is_kept_without_the_row_that_it_quotes(mails):
    def duplicate(pk):
        with transaction.atomic():
            Mail.objects.create(key="0", kind="x", address="secret@school.test")

    sweep(duplicate)
    failure = Failure.objects.order_by("pk")[0]
    assert failure.error.startswith(IntegrityError.__module__)
    assert "secret" not in failure.error


def test_a_row_that_somebody_else_has_is_asked_for_once_in_a_sweep(mails):
    asked = []
    assert sweep(lambda pk: asked.append(pk) or 0) == 0
    assert asked == [mail.pk for mail in mails]


def test_a_sweep_that_is_out_of_time_leaves_the_rest_to_the_next_round(mails, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(due, "monotonic", lambda: now[0])

    def slow(pk):
        now[0] += 15
        return send(pk)

    with due.time_box(20):
        assert sweep(slow) == 2
    assert rows().count() == 1
    assert not due.out_of_time()


def test_more_rows_than_one_query_gives_are_done_in_one_sweep(mails, monkeypatch):
    monkeypatch.setattr(due, "ROWS_PER_QUERY", 2)
    assert sweep(send) == 3


def test_rows_that_are_due_by_way_of_others_are_done_once_each(mails):
    Mail.objects.update(thing_id=7)
    done = []
    due.sweep_rows("things", rows(), lambda pk: done.append(pk) or 1, due_at="not_before", field="thing_id")
    assert done == [7]


def test_since_when_the_oldest_row_that_is_left_has_been_due_is_reported(mails, monkeypatch):
    oldest = {}
    monkeypatch.setattr(status, "report_oldest_due", lambda kind, moment: oldest.update({kind: moment}))
    sweep(send_but(mails[1].pk))
    assert oldest == {"mails": mails[1].not_before}
    Failure.objects.update(next_attempt_at=clock.now())
    sweep(send)
    assert oldest == {"mails": None}


def test_nothing_due_costs_two_queries_on_an_index(mails, django_assert_num_queries):
    sweep(send)
    with django_assert_num_queries(2):
        sweep(send)
    plan = rows().exclude(pk__in=Failure.objects.waiting("mails")).explain()
    assert (
        "mail_waiting_by_priority" in plan or connection.vendor == "postgresql"
    )  # it may scan a table of three rows


def test_rows_are_done_in_groups_and_those_beside_a_failing_one_alone(mails):
    calls = []

    def do(ids):
        calls.append(ids)
        with transaction.atomic():
            return sum(send_but(mails[1].pk)(pk) for pk in ids)

    def sweep_in_groups():
        return due.sweep_groups("mails", rows(), do, size=2, due_at="not_before")

    first, second, third = (mail.pk for mail in mails)
    assert sweep_in_groups() == 2
    assert calls == [[first, second], [first], [second], [third]]
    failure = Failure.objects.get()
    assert failure.row_id == second
    Mail.objects.filter(pk__in=[first, third]).update(sent_at=None)
    calls.clear()
    with clock.at(failure.next_attempt_at):
        sweep_in_groups()
    assert calls == [[first, third], [second]], "one that failed before delays no others"


def test_after_a_group_that_failed_a_sweep_out_of_time_leaves_the_rest_to_the_next_round(mails, monkeypatch):
    now, calls = [0.0], []
    monkeypatch.setattr(due, "monotonic", lambda: now[0])

    def slow(ids):
        now[0] += 15
        calls.append(len(ids))
        if len(ids) > 1:
            raise RuntimeError("one of them")
        return send(ids[0])

    for time_box in (10, 20):
        with due.time_box(time_box):
            due.sweep_groups("mails", rows(), slow, size=3, due_at="not_before")
    assert calls == [3, 1, 2, 1], "one at least is done each time"
    assert rows().count() == 1
