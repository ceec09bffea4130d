"""The collapsed room beside the pages of a space."""

import re

import pytest
from django.urls import reverse

from community.rooms.panel import KEPT_COOKIE
from messaging.chat import actions as chat
from tests.written import publish, say, start


@pytest.fixture
def pages(space, trainer):
    return [
        *(reverse(name, args=[space.pk]) for name in ("space", "space_practices", "space_people")),
        reverse("thread", args=[start(space, trainer).pk]),
        reverse("practice", args=[publish(space, trainer).pk]),
    ]


def lines_in(page):
    found = re.search(r'<ul class="fold-room__lines">(.*?)</ul>', page, re.S)
    return re.findall(r"<span lang=\"\w+\">(.*?)</span>", found[1]) if found else None


def test_every_page_shows_members_the_newest_messages(space, trainer, participant, pages, as_):
    entries = [say(space, trainer, f"Message {number}") for number in range(5)]
    chat.withdraw_message(room=space.room, number=entries[3].number, by=trainer)
    for page in pages:
        shown = as_(participant).get(page).content.decode()
        assert lines_in(shown) == ["Message 1", "Message 2", "Message 4"], page


def test_who_is_no_member_of_the_room_reads_none_of_it(cast, space, trainer, pages, as_):
    say(space, trainer, "Among ourselves")
    for page in pages:
        shown = as_(cast.evaluator).get(page).content.decode()
        assert "Among ourselves" not in shown
        assert lines_in(shown) is None, page


def test_the_page_leaves_room_for_a_room_that_stays_open_on_this_device(space, participant, pages, as_):
    client = as_(participant)
    client.cookies[KEPT_COOKIE] = f"{space.room_id + 1}.{space.room_id}"
    assert all("data-kept" in client.get(page).content.decode() for page in pages)
    client.cookies[KEPT_COOKIE] = f"{space.room_id + 1}"
    assert not any("data-kept" in client.get(page).content.decode() for page in pages)


def test_a_room_without_messages_says_what_belongs_there(space, trainer, participant, as_):
    page = reverse("space", args=[space.pk])
    assert "Short things belong here" in as_(participant).get(page).content.decode()
    say(space, trainer, "Good morning")
    assert "Short things belong here" not in as_(participant).get(page).content.decode()
