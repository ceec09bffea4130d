"""One table of every URL and every member of the cast. A URL without a row fails.

How to read a row: the URL's name, the method, then what each of the cast gets, in the order of `WHO`:
`+` success, `s` redirected to sign-in, `3` refused with a sentence (403), `4` not found (404).
`product.md` calls these relations; a closed month has rows of its own, ending in `closed`.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import config.urls
from tests.access import (
    Row,
    completions,
    courses,
    demo,
    desk,
    erasure,
    files,
    house,
    institutes,
    mails,
    months,
    news,
    people,
    practices,
    rooms,
    spaces,
    threads,
)
from tests.access.objects import OBJECTS
from tests.cast import Cast, close_now
from tests.former import FORMER, made

WHO = (
    "visitor",
    "stranger",
    "awaiting",
    "participant",
    "trainer",
    "coordinator",
    "other_coordinator",
    "evaluator",
    "moderator",
)
ON_POSTGRES = {"participant", "trainer", "coordinator"}
"""Enough to send the SQL of every page; who may open it does not depend on the database."""


SUBJECTS = [
    people,
    erasure,
    institutes,
    spaces,
    rooms,
    threads,
    practices,
    files,
    courses,
    completions,
    months,
    desk,
    demo,
    mails,
    news,
    house,
]
TABLE = [one for subject in SUBJECTS for one in subject.ROWS]


def answer(response: HttpResponse) -> str:
    """The letter of a response in the table; other statuses unchanged."""
    if response.status_code in (301, 302, 303):
        return "s" if response.headers["Location"].startswith(reverse(settings.LOGIN_URL)) else "+"
    return {200: "+", 201: "+", 204: "+", 403: "3", 404: "4"}.get(
        response.status_code, str(response.status_code)
    )


@pytest.fixture
def short_404_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unknown is answered in a word: it is half of all answers, and its page is the same at every
    address."""

    def unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponseNotFound("unknown")

    monkeypatch.setattr(config.urls, "handler404", unknown, raising=False)


@pytest.mark.parametrize("who", WHO)
def test_what_is_unknown_is_a_page_of_ours(who: str, cast: Cast, as_: Callable[..., Client]) -> None:
    page = as_(cast.who(who)).get("/nowhere/")
    assert page.status_code == 404
    assert "There is nothing here for you" in page.content.decode()


@pytest.mark.usefixtures("short_404_page")
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_who_gets_what(row: Row, cast: Cast, as_: Callable[..., Client], subtests: pytest.Subtests) -> None:
    assert len(row.expected) == len(WHO), "a row has one letter for each of the cast"
    kwargs = {name.split(":")[0]: OBJECTS[name.split(":")[-1]](cast) for name in row.args}
    if row.closed:
        close_now(cast.space)
    url = reverse(row.name, kwargs=kwargs) + row.query
    data = {
        key: OBJECTS[value[1:]](cast) if str(value).startswith("=") else value
        for key, value in row.data.items()
    }
    for who, expected in zip(WHO, row.expected, strict=True):
        if connection.vendor == "postgresql" and who not in ON_POSTGRES:
            continue
        with subtests.test(who=who), transaction.atomic():
            client = as_(cast.who(who))
            response = getattr(client, row.method)(url, data)
            if response.streaming:
                response.getvalue()
            assert answer(response) == expected, f"{who} at {url}"
            transaction.set_rollback(True)


@pytest.mark.usefixtures("short_404_page")
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_who_was_something_gets_what_a_stranger_gets(
    row: Row, cast: Cast, as_: Callable[..., Client], subtests: pytest.Subtests
) -> None:
    """A role or a membership that has ended leaves nothing open; a suspended person is signed out."""
    kwargs = {name.split(":")[0]: OBJECTS[name.split(":")[-1]](cast) for name in row.args}
    asked = list(FORMER)[:1] if connection.vendor == "postgresql" else FORMER
    people = {who: made(cast, who) for who in asked}
    if row.closed:
        close_now(cast.space)
    url = reverse(row.name, kwargs=kwargs) + row.query
    data = {
        key: OBJECTS[value[1:]](cast) if str(value).startswith("=") else value
        for key, value in row.data.items()
    }
    letters = dict(zip(WHO, row.expected, strict=True))
    for who, user in people.items():
        with subtests.test(who=who), transaction.atomic():
            client = as_(user)
            response = getattr(client, row.method)(url, data)
            if response.streaming:
                response.getvalue()
            expected = letters["stranger" if user.is_active else "visitor"]
            assert answer(response) == expected, f"{who} at {url}"
            transaction.set_rollback(True)


def named_patterns(patterns: list[Any], prefix: str = "") -> set[str]:
    """The names of all our URLs; an unnamed one is shown as its route."""
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name == "admin":
                found.add("admin:index")
                continue
            found |= named_patterns(pattern.url_patterns, prefix)
        elif isinstance(pattern, URLPattern):
            found.add(pattern.name or f"(unnamed) {pattern.pattern}")
    return found


def test_every_url_has_its_row() -> None:
    missing = named_patterns(get_resolver().url_patterns) - {row.name for row in TABLE}
    assert not missing, f"URLs without a row in tests/access/: {sorted(missing)}"


def test_every_row_has_its_url() -> None:
    removed = {row.name for row in TABLE} - named_patterns(get_resolver().url_patterns)
    assert not removed, f"rows without a URL: {sorted(removed)}"
