"""Nothing that is sent ends in an error: every page, every field of every form, every command of the socket.

Each case is one request or command with something no page of ours sends. It is answered, refused or found
unknown; status 500 and an exception that nobody handles fail. The number of cases stands in the last lines of
the run. `AFTERCOURSE_TEST_FUZZ=10` sends ten times as many (`make faults`).
"""

import html
import itertools
import json
import os
import random
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import config.urls
from common import rates
from common.access import Refused
from common.text import clean_text
from community.people.models import User
from messaging.chat import socket_commands
from messaging.chat.texts import clean_and_render
from messaging.live import frames, socket
from messaging.live.streams import parse
from tests.access import Row
from tests.cast import Cast, person
from tests.fuzz import corpus, targets
from tests.test_access_table import TABLE, WHO
from tests.test_socket_table import COMMANDS, SynchronousWriter, Tab

TIMES = int(os.environ.get("AFTERCOURSE_TEST_FUZZ", "1"))
"""How many times the usual number of cases."""
VALUES_PER_FIELD = 1 if TIMES == 1 else 3 * TIMES
"""For each person who sees the form. SQLite and PostgreSQL are sent different ones."""
QUERIES_PER_PAGE = TIMES
PEOPLE = ("visitor", "participant", "trainer", "coordinator", "administrator")
PARAMETERS = (
    "page q at before after re edit unread from to institute language state talk undo discarded place s next "
    "mine o p e all _popup _to_field _changelist_filters is_staff__exact occupation__exact language__exact "
    "kind__exact institute__id__exact id__exact term app_label model_name field_name"
).split()
"""Names that pages read from their query, ours and the admin's."""


class Fuzz:
    """Sends cases, each rolled back, counts them and collects what failed."""

    def __init__(self, cast: Cast, as_: Callable[..., Client]) -> None:
        self.cast, self._as = cast, as_
        self.objects = targets.Objects(cast)
        self.cases = 0
        self.failures: list[str] = []
        self.random = random.Random(connection.vendor)

    def user(self, who: str) -> Any:
        if who == "administrator":
            found = User.objects.filter(is_superuser=True).first()
            return found or person("Ada Administrator", is_staff=True, is_superuser=True)
        return self.cast.who(who)

    def client(self, who: str) -> Client:
        return self._as(self.user(who))

    def pages_of(self, who: str) -> list[str]:
        """The paths of the pages that this person sees."""
        if who == "administrator":
            return targets.admin_paths(self._pk)
        rows = [row for row in rows_of(who) if row.method == "get"]
        return list(dict.fromkeys(map(self.objects.path, rows)))

    def _pk(self, model: type) -> int:
        rows = (self.cast.participant, self.cast.institute, self.cast.course)
        return next((row.pk for row in rows if type(row) is model), 1)

    @contextmanager
    def case(self, *about: object) -> Iterator[None]:
        """One case; an exception is noted with what it is about."""
        self.cases += 1
        rates.clear()
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        except Exception as error:
            described = " ".join(repr(each)[:300] for each in about)
            self.failures.append(f"{described}: {type(error).__name__}: {str(error)[:200]}")

    def request(self, client: Client, method: str, path: str, data: Any = None, **more: Any) -> None:
        """A request as a case."""
        with self.case(method, path, data, more):
            cookies = dict(client.cookies)
            try:
                response = getattr(client, method)(path, data, **more)
                if response.streaming:
                    response.getvalue()
            finally:
                # The row of the session comes back with the rollback, and so must its cookie.
                client.cookies.clear()
                client.cookies.update(cookies)
            assert response.status_code < 500, response.status_code

    def raw(self, client: Client, path: str, body: str, content_type: str) -> None:
        """A POST of these bytes as a case."""
        with self.case("POST", path, content_type, body):
            response = client.generic("POST", path, body.encode(), content_type)
            assert response.status_code < 500, response.status_code

    def some(self, values: tuple[Any, ...], count: int) -> list[Any]:
        return self.random.sample(values, min(count, len(values)))


@pytest.fixture
def fuzz(
    cast: Cast,
    as_: Callable[..., Client],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> Iterator[Fuzz]:
    """Cases for a test; at its end nothing may have failed."""
    settings.ACCOUNT_RATE_LIMITS = False
    fuzzing = Fuzz(cast, as_)
    # Their pages are the same everywhere, and are half of all answers.
    monkeypatch.setattr(config.urls, "handler404", _unknown, raising=False)
    monkeypatch.setattr(config.urls, "handler400", _refused, raising=False)
    yield fuzzing
    record_property("fuzz cases", fuzzing.cases)
    failures = fuzzing.failures
    assert not failures, f"{len(failures)} of {fuzzing.cases} cases:\n" + "\n".join(failures[:40])


def _unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseNotFound("unknown")


def _refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseBadRequest("refused")


def rows_of(who: str) -> list[Row]:
    """The rows of the access table that this person gets something at; everything for the coordinator."""
    position = WHO.index(who) if who in WHO else None
    return [row for row in TABLE if position is not None and not row.closed and row.expected[position] == "+"]


def test_numbers_and_texts_in_paths(fuzz):
    for row in TABLE:
        if row.closed or not row.args:
            continue
        client, kwargs = fuzz.client("coordinator"), fuzz.objects.arguments(row)
        for path in targets.paths_with(row, kwargs, corpus.NUMBERS, corpus.PATHS):
            fuzz.request(client, row.method, path)
    client = fuzz.client("administrator")
    for path in targets.admin_paths(lambda _model: 987654321):
        for other in (*corpus.NUMBERS, *corpus.PATHS):
            if "987654321" in path:
                fuzz.request(client, "get", path.replace("987654321", other))


@pytest.mark.parametrize("who", PEOPLE)
def test_queries_of_pages(fuzz, who):
    client = fuzz.client(who)
    values = tuple(text for text in corpus.TEXTS if len(text) <= 1_000)
    for path in fuzz.pages_of(who):
        for _ in range(QUERIES_PER_PAGE):
            # One after another would take too long; of the values of one request each is another.
            query = dict(zip(PARAMETERS, fuzz.random.sample(values, len(PARAMETERS)), strict=True))
            names = fuzz.random.sample(PARAMETERS, 10)
            fuzz.request(client, "get", path, {name: query[name].replace("\0", "") for name in names})
        for query_string in fuzz.some(corpus.ENCODED, TIMES):
            fuzz.request(client, "get", f"{path}?{query_string}")
    if who == "administrator":
        for name, value in itertools.product(PARAMETERS, fuzz.some(values, 2 * TIMES)):
            fuzz.request(client, "get", reverse("admin:community_user_changelist"), {name: value})


@pytest.mark.parametrize("who", PEOPLE)
def test_fields_of_forms(fuzz, who):
    client = fuzz.client(who)
    forms = targets.forms_of(client, fuzz.pages_of(who))
    for row in rows_of(who):
        if row.method == "post":
            form = targets.Form("post", fuzz.objects.path(row), tuple(fuzz.objects.data(row).items()))
            forms.setdefault(form.kind, form)
    assert len(forms) > 5
    for form in forms.values():
        for name, _valid in form.fields or [("x", "")]:
            for value in fuzz.some(corpus.TEXTS, VALUES_PER_FIELD):
                fuzz.request(client, form.method, form.path, {**dict(form.fields), name: value})
        for body in fuzz.some(corpus.ENCODED, TIMES):
            fuzz.raw(client, form.path, body, "application/x-www-form-urlencoded")


def test_bodies_that_are_no_forms(fuzz):
    client, path = fuzz.client("participant"), reverse("thread_new", args=[fuzz.cast.space.pk])
    for body in corpus.JSON:
        fuzz.raw(client, reverse("draft"), body, "application/json")
    value = "a\\ud800b%D9 \x00"
    for content_type in corpus.CONTENT_TYPES:
        fuzz.raw(client, path, corpus.PART.format(name="title", more="", value=value), content_type)
        fuzz.raw(client, path, "title=a%5Cud800&text=%FF", content_type)
        fuzz.raw(fuzz.client("visitor"), reverse("account_login"), "login=a%5Cud800", content_type)
    client = fuzz.client("coordinator")
    uploads = [
        (reverse("completion_upload", args=[fuzz.cast.run.pk]), "file"),
        (reverse("month_materials", args=[fuzz.cast.month.pk]), "upload"),
    ]
    named = tuple(f'; filename="{name}"' for name in corpus.FILE_NAMES)
    for (upload, name), more in itertools.product(uploads, (*named, *corpus.PART_OPTIONS)):
        for value in ("%PDF-1.7", "email,name\na@b.test,\u202eA\x00\n", ""):
            body = corpus.PART.format(name=name, more=more, value=value)
            title = corpus.PART.format(name="title", more="", value="A sheet").removesuffix("--x--\r\n")
            fuzz.raw(client, upload, title + body, "multipart/form-data; boundary=x")


@pytest.mark.parametrize("who", ["visitor", "participant"])
def test_headers_and_cookies(fuzz, who):
    client = fuzz.client(who)
    paths = [reverse("account_login"), reverse("metrics"), reverse("mail_preferences")]
    paths.append(reverse("space_room", args=[fuzz.cast.space.pk]))
    for path, (name, value) in itertools.product(paths, corpus.HEADERS):
        with fuzz.case(who, path, name, value):
            mine = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
            headers = {
                name: f"{mine}; {value}" if name == "HTTP_COOKIE" and "sessionid" not in value else value
            }
            for method in ("GET", "POST"):
                assert Client().generic(method, path, **{"HTTP_COOKIE": mine, **headers}).status_code < 500


def test_where_signing_in_leads_to(fuzz):
    pages = ["account_login", "account_request_login_code", "account_reset_password", "account_signup"]
    addresses = tuple(text for text in corpus.TEXTS if "/" in text or "[" in text or ":" in text)
    values = (*addresses, *fuzz.some(corpus.TEXTS, 8 * TIMES))
    for who, page, value in itertools.product(("visitor", "participant"), pages, values):
        fuzz.request(fuzz.client(who), "get", reverse(page), {"next": value.replace("\0", "")})
        data = {"next": value, "login": "a@b.test", "email": "a@b.test", "password": "x"}
        fuzz.request(fuzz.client(who), "post", reverse(page), data)
    for value in values:
        fuzz.request(fuzz.client("participant"), "post", reverse("account_logout"), {"next": value})
        fuzz.request(
            fuzz.client("visitor"), "post", reverse("set_language"), {"language": "hu", "next": value}
        )


def test_commands_of_the_socket(fuzz, monkeypatch):
    fields = ("t", "s", "after", "room", "cid", "n", "re", "text", "mark", "on", "typing")
    tried = set()
    for command, _row, about, _closed in COMMANDS:
        if command in tried:
            continue
        tried.add(command)
        for who, field in itertools.product(("participant", "stranger"), fields):
            valid = {
                "t": command,
                "room": fuzz.cast.space.room_id,
                "cid": str(uuid.uuid4()),
                **about(fuzz.cast),
            }
            without = {name: value for name, value in valid.items() if name != field}
            values = fuzz.some(corpus.VALUES, (4 if who == "participant" else 1) * TIMES)
            for message in (without, *({**without, field: value} for value in values)):
                with fuzz.case(who, message):
                    do_command(fuzz.cast.who(who), json.dumps(message), fuzz.cast, monkeypatch)
    for text in (*corpus.JSON, *corpus.TEXTS):
        with fuzz.case(text):
            do_command(fuzz.cast.participant, text, fuzz.cast, monkeypatch)


def do_command(user: User, text: str, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a socket does with a message, without its threads."""
    command = frames.decode(text)
    if command is None:
        return
    json.dumps(dict(command), ensure_ascii=False).encode()
    parse(command.get("s"))
    tab = Tab(user, parse(f"room:{cast.space.room_id}"))  # type: ignore[arg-type]
    monkeypatch.setattr(socket_commands, "writer", lambda: SynchronousWriter(tab))
    try:
        if command["t"] in socket._loop_commands:
            work = socket._loop_commands[command["t"]](tab, command)  # type: ignore[arg-type]
            if work is not None:
                work.close()  # type: ignore[attr-defined]
                clean_and_render(command["text"])
        elif command["t"] in socket._commands:
            answer = socket._as_user(socket._commands[command["t"]], user.pk, command)
            frames.encode(dict(answer or {})).encode()
    except (Refused, ValueError, TypeError, KeyError):
        pass  # answered with `no`


TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(corpus.TEXTS)


@hypothesis_settings(
    max_examples=40 * TIMES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=TYPED, which=st.integers(0, 5))
def test_what_is_accepted_is_shown(fuzz, typed, which):
    cast = fuzz.cast
    text = f"Begin {typed} end"
    practice = {"title": "T", "context": text, "tried": "B", "happened": "C", "language": "en"}
    path, data = [
        (reverse("thread_new", args=[cast.space.pk]), {"title": text, "text": "", "language": "en"}),
        (reverse("thread_new", args=[cast.space.pk]), {"title": "A title", "text": text, "language": "en"}),
        (reverse("practice_new", args=[cast.space.pk]), practice),
        (reverse("space_room", args=[cast.space.pk]), {"text": text, "sure": "1"}),
        (reverse("profile"), {"name": text, "language": "en", "time_zone": "UTC", "theme": "dark"}),
        (reverse("month_report_step", args=[cast.month.pk]), {"step": "tried", "sentence": text}),
    ][which]
    with fuzz.case(path, typed):
        client = fuzz.client("participant")
        response = client.post(path, data, follow=True)
        assert response.status_code in (200, 403), response.status_code
        page = html.unescape(re.sub(r"<[^>]*>", "", response.content.decode()))
        assert letters(f"Begin {clean_text(typed)} end") in letters(page) or not response.redirect_chain


def letters(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(char for char in text if char.isalnum())
