"""Fixtures for every test: the cast (see tests/cast.py) and clients that are signed in as one of them."""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.models import Session
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.crypto import get_random_string
from pytest_django.plugin import DjangoDbBlocker

from common import clock, rates
from common.sessions import SessionStore, stored_key
from community.people import signed_in
from community.people.models import User
from community.spaces.consistency_actions import find_differences
from community.unread import remembered
from tests.cast import ZONE, Cast, World, create_cast
from tests.site import prepare


@pytest.fixture(autouse=True)
def _no_language_of_another_test() -> None:
    """A request leaves its reader's language active in the thread; the next test must not depend on it."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _nobody_has_written_yet() -> None:
    """People have the same numbers in every test, and each test begins with a full allowance."""
    rates.clear()


@pytest.fixture(autouse=True)
def _nothing_is_remembered_of_spaces() -> None:
    """How many queries a page takes must not depend on what an earlier test showed."""
    remembered.clear()


@pytest.fixture(scope="session", autouse=True)
def _record_contexts_of_pages_only(django_test_environment: None) -> None:
    """Record `response.context` of a page itself; Django would also copy that of each included template."""

    def render(template: Template, context: Context) -> str:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    Template._render = render  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The test database is a copy of the migrated one that sites are copied from."""
    prepared, test = prepare(connection.vendor.removesuffix("ql")), connection.settings_dict["TEST"]
    test["MIGRATE"] = False
    if connection.vendor == "sqlite":
        name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        # In memory it lives as long as somebody has it open.
        with (
            closing(sqlite3.connect(name, uri=True)) as database,
            closing(sqlite3.connect(prepared.folder / "site.sqlite3")) as migrated,
        ):
            migrated.backup(database)
            yield
    else:
        test["TEMPLATE"] = prepared.name
        yield


@pytest.fixture(scope="session")
def world_of_today(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Callable[..., World]:
    """`world_of_today(make)`: a world, made once per process, and again if midnight passes during the run."""
    worlds: dict[Callable[[], Any], World] = {}

    def world(make: Callable[[], Any] = create_cast) -> World:
        if make not in worlds or worlds[make].day != clock.today(ZONE):
            worlds[make] = World(make)
        return worlds[make]

    with django_db_blocker.unblock():
        world()
    return world


@pytest.fixture
def cast(request: pytest.FixtureRequest, world_of_today: Callable[..., World], db: None) -> Iterator[Cast]:
    """The test data with a user in each relation to the month.

    Where a folder asks for it (an autouse fixture `memberships_agree`), rooms and memberships must agree
    after each test.
    """
    yield world_of_today().lay()
    if "memberships_agree" in request.fixturenames and not connection.needs_rollback:
        differences = find_differences()
        assert not differences, "\n".join(str(one) for one in differences)


def _member(name: str) -> Callable:
    @pytest.fixture(name=name)
    def one(cast: Cast) -> object:
        return getattr(cast, name)

    return one


institute = _member("institute")
other_institute = _member("other_institute")
course = _member("course")
run = _member("run")
space = _member("space")
month = _member("month")
stranger = _member("stranger")  # signed in, and nothing to do with the month
awaiting = _member("awaiting")  # enrolled; admitted before the completion is confirmed
participant = _member("participant")  # completed the course
another_participant = _member("another_participant")  # a second one, to write to
trainer = _member("trainer")  # trained the run, on hand in the month
coordinator = _member("coordinator")  # of the institute; not a member of the space
other_coordinator = _member("other_coordinator")  # of another institute
evaluator = _member("evaluator")  # of the institute; reads
moderator = _member("moderator")  # acts on reports, of which there are none yet


def session_of(user: User) -> str:
    """Create the session that signing in would create, in one statement instead of seven; return its key."""
    key = get_random_string(32, VALID_KEY_CHARS)
    content = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    Session.objects.create(
        session_key=stored_key(key),
        session_data=SessionStore().encode(content),
        expire_date=clock.now() + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    # As after the first request: every further one takes a statement less.
    signed_in.remember(key, user)
    return key


@pytest.fixture
def as_() -> Callable[..., Client]:
    """`as_(user)` returns a client signed in as that user, `as_(None)` one of a visitor."""

    def sign_in(user: object = None) -> Client:
        client = Client()
        if user is not None and user.is_authenticated:  # type: ignore[attr-defined]
            client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return sign_in
