"""What a line of the log holds, and what it never does."""

import asyncio
import datetime as dt
import json
import logging
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, connection

from common.access import Refused
from config.logs import JsonFormatter, LineFormatter, UnknownHostFilter

SECRET = "what Petra wrote"


def line(
    name: str, template: object, *arguments: object, broke: bool = False, **extra: object
) -> logging.LogRecord:
    error = sys.exc_info() if broke else None
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, template, arguments, error)
    record.created = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC).timestamp()
    vars(record).update(extra)
    return record


def test_a_json_record_is_one_object_with_its_extra_fields():
    output = JsonFormatter().format(
        line(
            "aftercourse.live",
            "Closed %s sockets\nat once",
            3,
            code=4013,
            seconds=0.5,
            request=SimpleNamespace(),
        )
    )
    assert "\n" not in output
    assert json.loads(output) == {
        "time": "2026-11-21T09:30:00.000+00:00",
        "level": "WARNING",
        "logger": "aftercourse.live",
        "message": "Closed 3 sockets\nat once",
        "code": 4013,
        "seconds": 0.5,
    }


def test_extra_fields_never_replace_standard_fields():
    assert (
        json.loads(JsonFormatter().format(line("a", "template", level="low", logger="b")))["level"]
        == "WARNING"
    )


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
@pytest.mark.parametrize("refusal", [Refused(SECRET), SuspiciousOperation(SECRET), BadRequest(SECRET)])
def test_a_refusal_is_one_line(formatter, refusal):
    try:
        raise refusal
    except Exception:
        output = formatter.format(line("django.request", "Forbidden: %s", "/spaces/1/", broke=True))
    assert output.count("\n") == 0
    assert "Forbidden" in output
    assert SECRET not in output
    assert "File " not in output


def test_a_text_line_has_the_same_fields():
    output = LineFormatter().format(line("aftercourse.live", "Closed %s sockets", 3, code=4013))
    assert output == "2026-11-21T09:30:00.000+00:00 WARNING aftercourse.live: Closed 3 sockets code=4013"


@pytest.mark.parametrize("form", [LineFormatter(), JsonFormatter()])
def test_an_error_is_logged_with_class_and_traceback_but_without_its_message(form):
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise ValueError(SECRET) from cause
    except ValueError:
        output = form.format(line("django.request", "Internal Server Error: %s", SECRET, broke=True))
    assert SECRET not in output
    assert "KeyError" in output
    assert output.index("KeyError") < output.rindex("ValueError"), "the cause comes first"
    assert "test_logs.py" in output


@pytest.mark.parametrize(
    ("logger", "template", "arguments", "route", "said"),
    [
        ("django.request", "%s: %s", ("Not Found", f"/{SECRET}"), None, "request 404: GET (no page of ours)"),
        (
            "django.request",
            "%s: %s",
            ("Internal Server Error", f"/files/1/{SECRET}"),
            "files/<int:pk>/<str:name>",
            "request 404: GET /files/<int:pk>/<str:name>",
        ),
        (
            "django.security.csrf",
            "Forbidden (%s): %s",
            (f"Origin checking failed - https://{SECRET} does not match any trusted origins.", f"/{SECRET}"),
            "account/login/",
            "csrf 404 (Origin checking failed): GET /account/login/",
        ),
        ("django.security.SuspiciousFileOperation", SECRET, (), None, "SuspiciousFileOperation 404: GET"),
    ],
)
def test_of_a_request_the_log_has_the_pattern_of_its_url(logger, template, arguments, route, said):
    request = SimpleNamespace(method="GET", resolver_match=route and SimpleNamespace(route=route))
    record = line(logger, template, *arguments, request=request, status_code=404)
    output = LineFormatter().format(record)
    assert SECRET not in output
    assert said in output


def test_an_unknown_host_is_logged_once_with_the_setting_to_look_at():
    unknown = UnknownHostFilter()
    records = [
        line("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {SECRET}") for _ in range(3)
    ]
    assert [unknown.filter(record) for record in records] == [True, False, False]
    output = LineFormatter().format(records[0])
    assert "AFTERCOURSE_HOSTS" in output
    assert SECRET not in output


def test_a_programming_error_is_logged_with_its_message():
    try:
        SimpleNamespace().nothing  # noqa: B018
    except AttributeError:
        output = LineFormatter().format(line("aftercourse.jobs", "It failed", broke=True))
    assert output.endswith("AttributeError: 'types.SimpleNamespace' object has no attribute 'nothing'")


def test_an_os_error_is_logged_without_the_file_name():
    try:
        open(f"/nowhere/{SECRET}")  # noqa: SIM115
    except OSError:
        output = LineFormatter().format(line("aftercourse.files", "It failed", broke=True))
    assert output.endswith("FileNotFoundError: No such file or directory")


def test_a_database_error_is_logged_with_its_code_and_without_the_row(db):
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
    output = LineFormatter().format(record)
    assert SECRET not in output
    assert {"sqlite": "SQLITE_ERROR", "postgresql": "22P02"}[connection.vendor] in output


@pytest.mark.parametrize(
    ("name", "template", "arguments", "left"),
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
def test_arguments_of_other_packages_are_left_out(name, template, arguments, left):
    output = LineFormatter().format(line(name, template, *arguments))
    assert SECRET not in output
    assert left in output


def test_an_unhandled_task_error_is_logged_by_its_class_alone(caplog):
    async def fail() -> None:
        raise ValueError(SECRET)

    async def forget() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])
        del task

    asyncio.run(forget())
    [record] = [one for one in caplog.records if one.name == "asyncio"]
    output = JsonFormatter().format(record)
    assert SECRET in caplog.text
    assert SECRET not in output
    assert "ValueError" in json.loads(output)["error"]


def test_an_unknown_host_is_refused_and_not_logged(client, settings, caplog):
    settings.ALLOWED_HOSTS = ["aftercourse.example"]
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400
    assert "elsewhere" not in caplog.text
    assert client.get("/health/", headers={"host": "aftercourse.example"}).status_code == 200
