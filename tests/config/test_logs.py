"""What a line of the log holds, and what it never does."""

import asyncio
import datetime as dt
import json
import logging
import sys
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection

from config.logs import JsonFormatter, LineFormatter

SECRET = "what Petra wrote"


def line(
    name: str, words: object, *filled: object, broke: bool = False, **extra: object
) -> logging.LogRecord:
    error = sys.exc_info() if broke else None
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, words, filled, error)
    record.created = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC).timestamp()
    vars(record).update(extra)
    return record


def test_a_line_for_programs_is_one_object_with_what_was_told_besides():
    said = JsonFormatter().format(
        line(
            "aftercourse.live",
            "Closed %s sockets\nat once",
            3,
            code=4013,
            seconds=0.5,
            request=SimpleNamespace(),
        )
    )
    assert "\n" not in said
    assert json.loads(said) == {
        "time": "2026-11-21T09:30:00.000+00:00",
        "level": "WARNING",
        "logger": "aftercourse.live",
        "message": "Closed 3 sockets\nat once",
        "code": 4013,
        "seconds": 0.5,
    }


def test_what_is_told_besides_never_takes_the_place_of_what_every_line_has():
    assert (
        json.loads(JsonFormatter().format(line("a", "words", level="low", logger="b")))["level"] == "WARNING"
    )


def test_a_line_for_people_says_the_same():
    said = LineFormatter().format(line("aftercourse.live", "Closed %s sockets", 3, code=4013))
    assert said == "2026-11-21T09:30:00.000+00:00 WARNING aftercourse.live: Closed 3 sockets code=4013"


@pytest.mark.parametrize("form", [LineFormatter(), JsonFormatter()])
def test_of_an_error_stay_its_kind_and_the_way_to_it_and_not_its_sentence(form):
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise ValueError(SECRET) from cause
    except ValueError:
        said = form.format(line("django.request", "Internal Server Error: %s", "/spaces/1/", broke=True))
    assert SECRET not in said
    assert "KeyError" in said
    assert said.index("KeyError") < said.rindex("ValueError"), "the cause comes first"
    assert "test_logs.py" in said
    assert "/spaces/1/" in said


def test_an_error_of_our_own_code_says_what_is_wrong_with_it():
    try:
        SimpleNamespace().nothing  # noqa: B018
    except AttributeError:
        said = LineFormatter().format(line("aftercourse.jobs", "It failed", broke=True))
    assert said.endswith("AttributeError: 'types.SimpleNamespace' object has no attribute 'nothing'")


def test_an_error_of_the_system_says_what_the_system_says_but_not_about_which_file():
    try:
        open(f"/nowhere/{SECRET}")  # noqa: SIM115
    except OSError:
        said = LineFormatter().format(line("aftercourse.files", "It failed", broke=True))
    assert said.endswith("FileNotFoundError: No such file or directory")


def test_an_error_of_the_database_says_its_code_and_not_the_row(db):
    quoting = {
        "sqlite": "SELECT json_extract('{}', %s)",
        "postgresql": "SELECT %s::uuid",
    }[connection.vendor]
    try:
        with connection.cursor() as cursor:
            cursor.execute(quoting, [SECRET])
    except DatabaseError:
        record = line("django.request", "It failed", broke=True)
    assert SECRET in str(record.exc_info[1]), "otherwise there is nothing to leave out"
    said = LineFormatter().format(record)
    assert SECRET not in said
    assert {"sqlite": "SQLITE_ERROR", "postgresql": "22P02"}[connection.vendor] in said


@pytest.mark.parametrize(
    ("name", "words", "filled", "left"),
    [
        (
            "daphne.server",
            "Application instance %r for connection %s took too long",
            (SECRET, SECRET),
            "took too long",
        ),
        ("daphne.http_protocol", f"Traceback (most recent call last):\n  {SECRET}", (), "Traceback"),
        ("asyncio", f"Task exception was never retrieved\nfuture: <Task {SECRET}>", (), "never retrieved"),
        ("channels_redis.core", "%d of %d over capacity in %-10s", (1, 2, SECRET), "over capacity in …"),
        ("twisted", SimpleNamespace(event=SECRET), (), "SimpleNamespace"),
    ],
)
def test_what_others_fill_in_is_left_out(name, words, filled, left):
    said = LineFormatter().format(line(name, words, *filled))
    assert SECRET not in said
    assert left in said


def test_a_task_that_failed_unseen_tells_its_kind_alone(caplog):
    async def fail() -> None:
        raise ValueError(SECRET)

    async def forget() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        del task

    asyncio.run(forget())
    [record] = [one for one in caplog.records if one.name == "asyncio"]
    said = JsonFormatter().format(record)
    assert SECRET in caplog.text
    assert SECRET not in said
    assert "ValueError" in json.loads(said)["error"]


def test_who_knocks_by_a_name_that_is_not_ours_is_refused_and_fills_no_log(client, settings, caplog):
    settings.ALLOWED_HOSTS = ["aftercourse.example"]
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400
    assert "elsewhere" not in caplog.text
    assert client.get("/health/", headers={"host": "aftercourse.example"}).status_code == 200
