"""Fixtures that every test may use: the cast (see tests/cast.py) and a browser-less way to be one of them."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests import cast as cast_module
from tests.cast import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The small world with one of everybody."""
    return cast_module.make_cast()


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
awaiting = _member("awaiting")  # enrolled; let in before the completion is confirmed
participant = _member("participant")  # completed the course
another_participant = _member("another_participant")  # a second one, to write to
trainer = _member("trainer")  # trained the run, on hand in the month
coordinator = _member("coordinator")  # of the institute; not a member of the space
other_coordinator = _member("other_coordinator")  # of another institute
evaluator = _member("evaluator")  # of the institute; reads
moderator = _member("moderator")  # acts on reports, of which there are none yet


@pytest.fixture
def as_() -> Callable[..., Client]:
    """`as_(user)` is a client signed in as that user; `as_(None)` is a visitor."""

    def sign_in(user: object = None) -> Client:
        client = Client()
        if user is not None and user.is_authenticated:  # type: ignore[attr-defined]
            client.force_login(user)  # type: ignore[arg-type]
        return client

    return sign_in
