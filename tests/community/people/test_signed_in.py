"""Who is signed in is found with their session, by a guess that is checked."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.sessions import stored_key
from community.people import signed_in
from community.people.models import User

_NAMES = [field.attname for field in User._meta.concrete_fields]


def _statements(browser) -> list[str]:
    """The statements of a request that ask for its session."""
    asked = []

    def record(execute, sql, *args):
        asked.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(record):
        assert _is_signed_in(browser)
    return [sql for sql in asked if "django_session" in sql]


def _is_signed_in(browser) -> bool:
    return browser.get(reverse("profile")).status_code == 200


@pytest.fixture
def browser(cast, as_):
    """That of a participant, whose session this process knows."""
    return as_(cast.participant)


def _row(browser) -> Session:
    return Session.objects.get(pk=stored_key(browser.session.session_key))


def test_a_known_session_and_its_user_are_one_statement(browser):
    (only,) = _statements(browser)
    assert "community_user" in only


def test_an_unknown_session_takes_more_statements_once(browser):
    assert _is_signed_in(browser)  # counts what is new
    signed_in._remembered.clear()
    with CaptureQueriesContext(connection) as first:
        assert _is_signed_in(browser)
    with CaptureQueriesContext(connection) as second:
        assert _is_signed_in(browser)
    # The session, the user, their bell, and whether they have a desk.
    assert len(first) == len(second) + 3


def test_the_user_is_complete(cast, browser):
    user = browser.get(reverse("profile")).wsgi_request.user
    assert user == cast.participant
    assert not user.get_deferred_fields()
    stored = User.objects.get(pk=user.pk)
    assert {name: getattr(user, name) for name in _NAMES} == {name: getattr(stored, name) for name in _NAMES}


def test_a_change_of_the_user_shows_in_the_next_request(cast, browser):
    cast.participant.name = "Réka Somebody Else"
    cast.participant.save()
    assert browser.get(reverse("profile")).wsgi_request.user.name == "Réka Somebody Else"


def test_another_password_ends_a_known_session(cast, browser):
    cast.participant.set_password("another long password")
    cast.participant.save()
    assert not _is_signed_in(browser)
    assert not Session.objects.filter(pk=stored_key(browser.session.session_key or "")).exists()


def test_a_suspended_user_is_not_signed_in_by_a_known_session(cast, browser):
    cast.participant.suspended_at = clock.now()
    cast.participant.save()
    assert not _is_signed_in(browser)


def test_a_known_session_that_is_deleted_or_over_lets_nobody_in(browser, cast, as_):
    row = _row(browser)
    row.expire_date = clock.now() - dt.timedelta(seconds=1)
    row.save()
    assert not _is_signed_in(browser)
    other = as_(cast.trainer)
    assert _is_signed_in(other)
    _row(other).delete()
    assert not _is_signed_in(other)


def test_a_session_that_became_somebody_elses_is_theirs(cast, browser, as_):
    row = _row(browser)
    row.session_data = _row(as_(cast.trainer)).session_data
    row.save()
    assert browser.get(reverse("profile")).wsgi_request.user == cast.trainer
    assert len(_statements(browser)) == 1


def test_a_garbled_session_lets_nobody_in(browser):
    row = _row(browser)
    row.session_data = row.session_data[:-3] + "abc"
    row.save()
    assert not _is_signed_in(browser)


def test_signing_out_is_remembered(browser):
    browser.post(reverse("account_logout"))
    assert not _is_signed_in(browser)


def test_no_more_sessions_are_remembered_than_there_is_room_for(cast, as_, monkeypatch):
    monkeypatch.setattr(signed_in, "MAX_REMEMBERED", 2)
    for person in (cast.participant, cast.trainer, cast.coordinator, cast.another_participant):
        assert _is_signed_in(as_(person))
        assert len(signed_in._remembered) <= 2
