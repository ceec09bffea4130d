"""Tickets: whom they let in, for how long, and what makes one stale."""

import datetime as dt

import pytest

from common import clock
from messaging.live import publish, ticket
from messaging.live.models import Revocation
from messaging.live.revocations import Revocations, sweep

SESSION = "s" * 32
pytestmark = pytest.mark.django_db


@pytest.fixture
def known():
    found = Revocations()
    found.read()
    return found


def test_a_ticket_says_who_it_is_and_what_they_may_follow(participant):
    written = ticket.issue(participant, SESSION, {"room:3": 0, "person:7": 12.5})
    read = ticket.decode(written, SESSION)
    assert (read.person.id, read.person.name) == (participant.pk, participant.name)
    assert read.streams == {"room:3": 0, "person:7": 12.5}


def test_a_ticket_is_worth_nothing_with_another_session(participant):
    assert ticket.decode(ticket.issue(participant, SESSION, {}), "t" * 32) is None


@pytest.mark.parametrize("written", ["", "x", "a:b", "eyJpIjoxfQ:AAAA", "ключ:é"])
def test_what_we_did_not_write_is_no_ticket(written):
    assert ticket.decode(written, SESSION) is None


def test_a_ticket_with_one_sign_changed_is_none(participant):
    written = ticket.issue(participant, SESSION, {"room:3": 0})
    assert ticket.decode(("A" if written[0] != "A" else "B") + written[1:], SESSION) is None


@pytest.mark.parametrize(("later", "believed"), [(299, True), (301, False), (-19, True), (-3600, False)])
def test_a_ticket_lives_five_minutes_and_none_comes_from_the_future(participant, later, believed):
    now = clock.now()
    with clock.at(now):
        written = ticket.issue(participant, SESSION, {})
    with clock.at(now + dt.timedelta(seconds=later)):
        assert (ticket.decode(written, SESSION) is not None) is believed


def test_before_the_rows_were_read_no_ticket_is_believed(participant):
    assert Revocations().stale(ticket.decode(ticket.issue(participant, SESSION, {}), SESSION))


def test_a_ticket_from_before_a_change_of_rights_is_stale_and_one_from_long_after_is_not(
    participant, trainer, known
):
    now = clock.now()
    with clock.at(now):
        before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
        other = ticket.decode(ticket.issue(trainer, SESSION, {}), SESSION)
        assert not known.stale(before)
        publish.rights_changed(participant.pk)
        assert known.read() == {participant.pk}
        assert known.read() == set(), "it is news once"
        assert known.stale(before)
        assert not known.stale(other)
    with clock.at(now + dt.timedelta(minutes=2)):
        after = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
        assert not known.stale(after)


def test_a_sign_in_that_ended_is_found_by_the_rows_alone(participant, known):
    before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
    publish.signed_out(participant.pk, SESSION)
    known.read()
    assert known.stale(before)


def test_a_server_that_starts_later_knows_of_it_too(participant):
    before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
    publish.rights_changed(participant.pk)
    late = Revocations()
    late.read()
    assert late.stale(before)


def test_rows_are_swept_away_when_no_ticket_is_so_old(participant):
    publish.rights_changed(participant.pk)
    assert sweep() == 0
    with clock.at(clock.now() + dt.timedelta(hours=2)):
        assert sweep() == 1
    assert not Revocation.objects.exists()


def test_a_page_has_a_ticket_for_its_reader_and_for_the_room_it_shows(as_, participant, space):
    client = as_(participant)
    page = client.get(f"/spaces/{space.pk}/room/").content.decode()
    written = page.partition('data-ticket="')[2].partition('"')[0]
    read = ticket.decode(written, client.session.session_key)
    assert dict(read.streams) == {f"person:{participant.pk}": 0, f"room:{space.room_id}": 0}


def test_the_ticket_of_somebody_awaited_ends_with_their_time(as_, awaiting, space):
    client = as_(awaiting)
    page = client.get(f"/spaces/{space.pk}/room/").content.decode()
    written = page.partition('data-ticket="')[2].partition('"')[0]
    until = ticket.decode(written, client.session.session_key).streams[f"room:{space.room_id}"]
    assert clock.now().timestamp() < until <= space.closes_at.timestamp()
