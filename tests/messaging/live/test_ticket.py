"""Tickets: what they authorise, for how long, and what makes one stale."""

import base64
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


def test_a_ticket_holds_its_person_and_streams(participant):
    text = ticket.issue(participant, SESSION, {"room:3": 0, "person:7": 12.5})
    shown = ticket.decode(text, SESSION)
    assert (shown.person.id, shown.person.name) == (participant.pk, participant.name)
    assert shown.streams == {"room:3": 0, "person:7": 12.5}


def test_a_ticket_is_invalid_with_another_session(participant):
    assert ticket.decode(ticket.issue(participant, SESSION, {}), "t" * 32) is None


def test_nothing_in_a_ticket_can_be_read_without_the_key(participant):
    text = ticket.issue(participant, SESSION, {"room:3": 0})
    raw = base64.urlsafe_b64decode(text + "==")
    for part in (participant.name, participant.name.split()[0], "room:3", ticket.session_digest(SESSION)):
        assert part not in text
        assert part.encode() not in raw


def test_a_ticket_from_before_a_change_of_the_secret_key_is_valid_with_the_earlier_one_as_a_fallback(
    participant, settings
):
    text = ticket.issue(participant, SESSION, {})
    ticket._ciphers.cache_clear()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key of the installation",
    )
    try:
        assert ticket.decode(text, SESSION) is not None
        settings.SECRET_KEY_FALLBACKS = []
        ticket._ciphers.cache_clear()
        assert ticket.decode(text, SESSION) is None
    finally:
        ticket._ciphers.cache_clear()


@pytest.mark.parametrize("text", ["", "x", "a:b", "eyJpIjoxfQ:AAAA", "ключ:é"])
def test_what_we_did_not_issue_is_invalid(text):
    assert ticket.decode(text, SESSION) is None


def test_a_changed_ticket_is_invalid(participant):
    text = ticket.issue(participant, SESSION, {"room:3": 0})
    assert ticket.decode(("A" if text[0] != "A" else "B") + text[1:], SESSION) is None


@pytest.mark.parametrize(("later", "valid"), [(299, True), (301, False), (-19, True), (-3600, False)])
def test_a_ticket_is_valid_for_five_minutes_and_not_before_it_was_issued(participant, later, valid):
    now = clock.now()
    with clock.at(now):
        text = ticket.issue(participant, SESSION, {})
    with clock.at(now + dt.timedelta(seconds=later)):
        assert (ticket.decode(text, SESSION) is not None) is valid


def test_every_ticket_is_stale_until_the_revocations_were_read(participant):
    assert Revocations().stale(ticket.decode(ticket.issue(participant, SESSION, {}), SESSION))


def test_a_change_of_rights_makes_earlier_tickets_stale_and_later_ones_not(participant, trainer, known):
    now = clock.now()
    with clock.at(now):
        before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
        other = ticket.decode(ticket.issue(trainer, SESSION, {}), SESSION)
        assert not known.stale(before)
        publish.rights_changed(participant.pk)
        assert known.read() == {participant.pk}
        assert known.read() == set(), "each row is reported once"
        assert known.stale(before)
        assert not known.stale(other)
    with clock.at(now + dt.timedelta(minutes=2)):
        after = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
        assert not known.stale(after)


def test_the_end_of_a_sign_in_is_read_from_its_row(participant, known):
    before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
    publish.signed_out(participant.pk, SESSION)
    known.read()
    assert known.stale(before)


def test_a_server_that_starts_later_reads_revocations_from_before(participant):
    before = ticket.decode(ticket.issue(participant, SESSION, {}), SESSION)
    publish.rights_changed(participant.pk)
    late = Revocations()
    late.read()
    assert late.stale(before)


def test_revocations_are_deleted_when_no_ticket_is_so_old(participant):
    publish.rights_changed(participant.pk)
    assert sweep() == 0
    with clock.at(clock.now() + dt.timedelta(hours=2)):
        assert sweep() == 1
    assert not Revocation.objects.exists()


def test_a_page_has_a_ticket_for_its_reader_and_its_room(as_, participant, space):
    client = as_(participant)
    page = client.get(f"/spaces/{space.pk}/room/").content.decode()
    text = page.partition('data-ticket="')[2].partition('"')[0]
    shown = ticket.decode(text, client.session.session_key)
    assert dict(shown.streams) == {f"person:{participant.pk}": 0, f"room:{space.room_id}": 0}


def test_the_ticket_of_a_limited_membership_ends_with_it(as_, awaiting, space):
    client = as_(awaiting)
    page = client.get(f"/spaces/{space.pk}/room/").content.decode()
    text = page.partition('data-ticket="')[2].partition('"')[0]
    until = ticket.decode(text, client.session.session_key).streams[f"room:{space.room_id}"]
    assert clock.now().timestamp() < until <= space.closes_at.timestamp()
