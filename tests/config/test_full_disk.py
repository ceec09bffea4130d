"""The disk is full: reading and signing in go on, what cannot be done says so, and words come back."""

import sqlite3
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from common import database, sessions
from community.people import unsent_views
from tests.access.objects import OBJECTS
from tests.test_access_table import TABLE, WHO
from tests.written import ask, publish, reply_to, say

PASSWORD = "a long enough one"
WORDS = "What Petra wrote, on two lines\nand never wants to write again"


@pytest.fixture
def full(db, monkeypatch):
    """Fills the disk: from now on the database can be read and not written."""

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().split()[0] in ("INSERT", "UPDATE", "DELETE"):
            raise OperationalError("database or disk is full") from cause
        return execute(sql, params, many, context)

    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorname = "SQLITE_FULL"  # type: ignore[misc]
    monkeypatch.setattr(database, "_logged_at", float("-inf"))
    cache.clear()
    return connection.execute_wrapper(refuse)


@pytest.fixture
def client_of(as_):
    def sign_in(user):
        client = as_(user)
        client.raise_request_exception = False
        return client

    return sign_in


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("row", "who"),
    [
        (row, who)
        for row in TABLE
        for who in ("participant", "coordinator")
        if row.method == "get" and row.expected[WHO.index(who)] == "+"
    ],
    ids=str,
)
def test_every_page_that_is_read_is_still_read(row, who, cast, client_of, full):
    url = reverse(
        row.name, kwargs={name.split(":")[0]: OBJECTS[name.split(":")[-1]](cast) for name in row.args}
    )
    client = client_of(cast.who(who))
    with full:
        page = client.get(url + row.query, row.data)
    assert page.status_code < 400, row.name
    if page.streaming:
        page.close()


def test_a_conversation_is_read_though_what_was_read_cannot_be_noted(cast, client_of, full):
    thread = ask(cast.space, cast.another_participant, title="How?")
    reply_to(thread, cast.trainer)
    practice = publish(cast.space, cast.another_participant)
    say(cast.space, cast.trainer)
    client = client_of(cast.participant)
    with full:
        for path in (reverse("thread", args=[thread.pk]), reverse("practice", args=[practice.pk])):
            assert client.get(path).status_code == 200
        assert "How did it go?" in client.get(reverse("space_room", args=[cast.space.pk])).content.decode()


def test_what_cannot_be_kept_says_so_and_comes_back(cast, client_of, full):
    client = client_of(cast.participant)
    with full:
        page = client.post(
            reverse("thread_new", args=[cast.space.pk]),
            {"title": "A title of mine", "text": WORDS, "language": "en", "client_id": uuid.uuid4()},
        )
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    shown = page.content.decode()
    assert "There is no space left here" in shown
    assert "kept as a draft" not in shown
    assert WORDS in shown
    assert "A title of mine" in shown


def sign_in(user, password=PASSWORD):
    """A client that signs in with a password, and the status of the answer."""
    client = Client(raise_request_exception=False)
    form = {"login": user.email, "password": password}
    return client, client.post(reverse("account_login"), form).status_code


def test_somebody_signs_in_and_reads(cast, full):
    cast.participant.set_password(PASSWORD)
    cast.participant.save()
    with full:
        client, status = sign_in(cast.participant)
        assert status == 302
        assert not Session.objects.exists()
        assert client.get(reverse("space", args=[cast.space.pk])).wsgi_request.user == cast.participant
        key = client.session.session_key
        assert sessions.stored_key(key) in sessions.rows_of([sessions.stored_key(key)])
    # When there is room again it is a session like any other, and can be ended.
    assert client.get(reverse("today")).wsgi_request.user == cast.participant
    client.post(reverse("account_logout"))
    assert sessions.SessionStore(key).load() == {}


def test_nobody_guesses_on_a_full_disk(cast, full):
    with full:
        answers = [sign_in(cast.participant, f"wrong {number}")[1] for number in range(60)]
        cast.participant.set_password(PASSWORD)
        assert sign_in(cast.participant)[1] != 302, "that was too often"
    assert set(answers) == {200}


def test_a_session_that_was_never_stored_is_none(db):
    session = sessions.SessionStore("0123456789abcdef0123456789abcdef")
    assert not session.exists("0123456789abcdef0123456789abcdef")
    assert session.load() == {}


def test_signing_out_needs_room_and_says_so(cast, client_of, full):
    """Or else a session would go on that somebody has ended."""
    client = client_of(cast.participant)
    with full:
        assert client.post(reverse("account_logout")).status_code == 503


def test_a_session_from_before_is_still_one(cast, client_of, full):
    client = client_of(cast.participant)
    with full:
        assert client.get(reverse("today")).wsgi_request.user == cast.participant


@pytest.mark.parametrize(
    ("error", "full", "away"),
    [
        (OSError(28, "No space left on device"), True, False),
        (OSError(30, "Read-only file system"), True, False),
        (OSError(2, "No such file"), False, False),
        (OperationalError("could not connect"), False, True),
        (ValueError(), False, False),
        (None, False, False),
    ],
)
def test_errors_are_told_apart(error, full, away):
    assert database.cannot_write(error) is full
    assert database.is_away(error) is away


def test_a_full_disk_of_postgresql_is_one_too():
    error = OperationalError("could not extend file")
    error.__cause__ = type("DiskFull", (Exception,), {"sqlstate": "53100"})()
    assert database.cannot_write(error)


def test_another_error_is_not_taken_for_a_full_disk(cast):
    with pytest.raises(OperationalError), database.if_there_is_room():
        raise OperationalError("deadlock detected")


@pytest.mark.usefixtures("full")
def test_a_full_disk_is_in_the_log_once_a_minute(caplog):
    for _time in range(3):
        with database.if_there_is_room():
            raise FullError
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["Nothing can be stored"]


class FullError(OperationalError):
    """SQLite on a full disk."""

    sqlite_errorname = "SQLITE_FULL"


def test_a_page_that_failed_for_another_reason_promises_nothing_and_gives_words_back(rf):
    """Here not even the user is known, as when the database is away."""
    request = rf.post("/", {"text": WORDS, "password": "two words", "csrfmiddlewaretoken": "x"})
    page = unsent_views.server_error(request)
    assert page.status_code == 500
    shown = page.content.decode()
    assert WORDS in shown
    assert "two words" not in shown
    assert "We couldn’t save it" in shown


def test_while_the_database_is_away_pages_say_so(cast, client_of):
    client = client_of(cast.participant)

    def refuse(*_arguments):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        page = client.post(
            reverse("thread_new", args=[cast.space.pk]), {"title": "Mine alone", "text": WORDS}
        )
    assert page.status_code == 503
    assert "can’t reach what is stored here right now" in page.content.decode()
    assert WORDS in page.content.decode()
