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
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import config.urls
from community.institutes.models import Institute
from community.people.models import User
from followup.courses.models import Course
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
    posts,
    practices,
    reports,
    rooms,
    spaces,
    threads,
)
from tests.access.objects import OBJECTS
from tests.cast import Cast, World, close_now, create_cast, person
from tests.former import FORMER, made
from tests.fuzz.targets import admin_paths

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
ON_POSTGRES = ("stranger", "participant", "coordinator")
"""Who asks there: that everybody gets what the table says is tried on SQLite."""
METHODS = ("get", "head", "post", "patch", "delete", "options")
"""Those that any page answers; the others are refused before they reach one (common.middleware)."""

SUBJECTS = [
    people,
    erasure,
    institutes,
    spaces,
    rooms,
    threads,
    posts,
    practices,
    reports,
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


def by_person(row: Row) -> dict[str, str]:
    """The letter for each person. An administrator who is nobody else has no more rights than a stranger,
    outside the admin site and the pages of institutes."""
    letters = dict(zip(WHO, row.expected, strict=True))
    manages = row.name == "admin:index" or row in institutes.ROWS
    return {**letters, "administrator": "+" if manages else letters["stranger"]}


def someone(cast: Cast, who: str) -> Any:
    """One of the cast, or the administrator of the installation."""
    if who != "administrator":
        return cast.who(who)
    found = User.objects.filter(is_superuser=True).first()
    return found or person("Ada Administrator", is_staff=True, is_superuser=True)


def answer(response: HttpResponse) -> str:
    """The letter of a response in the table; other statuses unchanged."""
    if response.status_code in (301, 302, 303):
        return "s" if response.headers["Location"].startswith(reverse(settings.LOGIN_URL)) else "+"
    return {200: "+", 201: "+", 204: "+", 403: "3", 404: "4"}.get(
        response.status_code, str(response.status_code)
    )


@pytest.fixture
def short_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unknown or forbidden is answered in a word: it is most of all answers, and its page is the same
    at every address."""

    def unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponseNotFound("unknown")

    def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponseForbidden("forbidden")

    monkeypatch.setattr(config.urls, "handler404", unknown)
    monkeypatch.setattr(config.urls, "handler403", forbidden)


@pytest.mark.parametrize("who", WHO)
def test_what_is_unknown_is_a_page_of_ours(who: str, cast: Cast, as_: Callable[..., Client]) -> None:
    page = as_(cast.who(who)).get("/nowhere/")
    assert page.status_code == 404
    assert "We can’t find this page" in page.content.decode()


def request_of(row: Row, cast: Cast) -> tuple[str, dict[str, Any]]:
    """The URL of a row and what is sent to it, after making what they are about."""
    kwargs = {name.split(":")[0]: OBJECTS[name.split(":")[-1]](cast) for name in row.args}
    if row.closed:
        close_now(cast.space)
    data = {
        key: OBJECTS[value[1:]](cast) if str(value).startswith("=") else value
        for key, value in row.data.items()
    }
    return reverse(row.name, kwargs=kwargs) + row.query, data


def asked(client: Client, method: str, url: str, *data: dict[str, Any]) -> HttpResponse:
    """The response, read to its end, of a request after which all is as it was before."""
    with transaction.atomic():
        response = getattr(client, method)(url, *data)
        body = response.getvalue()
        transaction.set_rollback(True)
    assert method != "head" or not body
    for close in response._resource_closers:
        close()
    return response


@pytest.mark.usefixtures("short_refusals")
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_who_gets_what(row: Row, cast: Cast, as_: Callable[..., Client]) -> None:
    assert len(row.expected) == len(WHO), "a row has one letter for each of the cast"
    url, data = request_of(row, cast)
    expected = by_person(row)
    if connection.vendor == "postgresql":
        expected = {who: expected[who] for who in ON_POSTGRES}
    answers = {who: answer(asked(as_(someone(cast, who)), row.method, url, data)) for who in expected}
    assert answers == expected, url


def cast_and_former() -> tuple[Cast, dict[str, User]]:
    """The cast, and those who were something until a moment ago."""
    cast = create_cast()
    return cast, {who: made(cast, who) for who in FORMER}


@pytest.fixture
def former(world_of_today: Callable[..., World], db: None) -> tuple[Cast, dict[str, User]]:
    """The same, laid."""
    return world_of_today(cast_and_former).lay()  # type: ignore[no-any-return]


@pytest.mark.sqlite_alone
@pytest.mark.usefixtures("short_refusals")
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_who_was_something_gets_what_a_stranger_gets(
    row: Row, former: tuple[Cast, dict[str, User]], as_: Callable[..., Client]
) -> None:
    """A role or a membership that has ended leaves nothing open; a suspended person is signed out."""
    cast, people = former
    url, data = request_of(row, cast)
    letters = by_person(row)
    expected = {who: letters["stranger" if user.is_active else "visitor"] for who, user in people.items()}
    answers = {who: answer(asked(as_(user), row.method, url, data)) for who, user in people.items()}
    assert answers == expected, url


@pytest.mark.sqlite_alone
@pytest.mark.usefixtures("short_refusals")
@pytest.mark.parametrize("name", list(dict.fromkeys(row.name for row in TABLE)))
def test_no_other_method_opens_what_is_closed(name: str, cast: Cast, as_: Callable[..., Client]) -> None:
    """Who gets nothing at a URL gets nothing with any method, and HEAD answers as GET does."""
    rows = [row for row in TABLE if row.name == name]
    row = next((row for row in rows if not row.closed), rows[0])
    kwargs = {name.split(":")[0]: OBJECTS[name.split(":")[-1]](cast) for name in row.args}
    url = reverse(name, kwargs=kwargs)
    open_to = {who for row in rows for who, letter in by_person(row).items() if letter == "+"}
    # What the table asks for with valid data would only be refused for its empty form here.
    others = [method for method in METHODS if method not in {row.method for row in rows}]
    people = (*WHO, "administrator")
    for who in people:
        if who not in open_to:
            client = as_(someone(cast, who))
            answers = {method: answer(asked(client, method, url)) for method in others}
            opened = {method for method, letter in answers.items() if letter not in ("s", "3", "4", "405")}
            assert not opened, f"{who} at {url}"
    if reader := next((who for who in people if who in open_to), None):
        client = as_(someone(cast, reader))
        head = asked(client, "head", url)
        assert answer(head) in (answer(asked(client, "get", url)), "405"), f"{reader} at {url}"


@pytest.mark.usefixtures("short_refusals")
@pytest.mark.parametrize("who", [*WHO, "administrator"])
def test_the_admin_is_for_administrators(who: str, cast: Cast, as_: Callable[..., Client]) -> None:
    """Every URL of the admin site, with GET and POST."""
    client = as_(someone(cast, who))
    rows = {User: cast.participant.pk, Institute: cast.institute.pk, Course: cast.course.pk}
    for path in admin_paths(lambda model: rows.get(model, 1)):
        for method in ("get", "post"):
            status = asked(client, method, path).status_code
            expected = {"visitor": 302, "administrator": min(status, 499)}.get(who, 403)
            assert status == expected, f"{who} {method} {path}"


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
