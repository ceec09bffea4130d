"""Pages of a room's log: around a message, before and after one, and from the first unread message."""

import uuid

import pytest
from django.urls import reverse

from common.privacy import SMALLEST_GROUP_SHOWN
from community.rooms.queries import MESSAGES_PER_PAGE, PageRequest, page_of_room, reading_of
from messaging.chat import actions as chat
from messaging.chat.models import RoomMember
from messaging.chat.posting import NewMessage, insert_messages
from messaging.chat.reactions import react
from tests.cast import join, person


@pytest.fixture
def url(space):
    return reverse("space_room", args=[space.pk])


def post(space, author, text="Hello", **more):
    return chat.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4(), **more)


def post_many(space, author, count):
    sent = [
        NewMessage(space.room_id, author.pk, uuid.uuid4(), f"Message {one}", "en") for one in range(count)
    ]
    return [outcome.entry.number for outcome in insert_messages(sent)]


@pytest.fixture
def numbers_posted(space, participant):
    """Two pages and a half of messages; their numbers."""
    return post_many(space, participant, MESSAGES_PER_PAGE * 5 // 2)


def shown(space, user, **asked):
    return page_of_room(reading_of(space, user), PageRequest(**asked))


def numbers(page):
    return [message.number for message in page.messages]


def test_a_page_around_a_message_links_to_earlier_and_later_ones(space, numbers_posted, trainer):
    page = shown(space, trainer, at=60)
    assert numbers(page) == list(range(60 - MESSAGES_PER_PAGE // 2, 60 + MESSAGES_PER_PAGE // 2))
    assert not page.is_live
    assert numbers(shown(space, trainer, after=page.newer))[0] == numbers(page)[-1] + 1
    assert numbers(shown(space, trainer, before=page.older))[-1] == numbers(page)[0] - 1


def test_paging_from_the_oldest_to_the_newest_skips_no_message(space, numbers_posted, trainer):
    page, found = shown(space, trainer, at=1), []
    for _page in range(9):
        found += numbers(page)
        if page.newer is None:
            break
        assert not page.is_live
        page = shown(space, trainer, after=page.newer)
    assert found == numbers_posted
    assert page.is_live


def test_a_page_that_ends_with_the_newest_is_live(space, numbers_posted, trainer):
    assert shown(space, trainer, at=numbers_posted[-1]).is_live
    assert shown(space, trainer, at=numbers_posted[-1] + 500).is_live
    assert shown(space, trainer, after=numbers_posted[-1]).is_live
    assert numbers(shown(space, trainer, after=numbers_posted[-1]))[-1] == numbers_posted[-1]
    assert not shown(space, trainer, at=1).is_live


def test_the_page_links_to_the_first_unread_message_on_another_page(space, numbers_posted, trainer, as_, url):
    RoomMember.objects.filter(room=space.room, user=trainer).update(read_number=40)
    page = shown(space, trainer)
    assert (page.first_unread, page.unread, page.jumps) == (41, str(len(numbers_posted) - 40), True)
    there = shown(space, trainer, at=41, unread=True)
    assert not there.jumps
    assert [one.number for one in there.messages if one.is_first_new] == [41]


def test_a_page_from_the_first_unread_marks_only_what_it_shows_as_read(
    space, numbers_posted, trainer, as_, url
):
    RoomMember.objects.filter(room=space.room, user=trainer).update(read_number=40)
    as_(trainer).get(url, {"at": 41, "unread": 1})
    assert (
        RoomMember.objects.get(room=space.room, user=trainer).read_number == 41 + MESSAGES_PER_PAGE // 2 - 1
    )


def test_a_page_opened_at_a_message_marks_everything_up_to_it_as_read(
    space, numbers_posted, trainer, as_, url
):
    RoomMember.objects.filter(room=space.room, user=trainer).update(read_number=40)
    page = as_(trainer).get(url, {"at": 45}).context["page"]
    assert page.messages[-1].number > 45
    assert RoomMember.objects.get(room=space.room, user=trainer).read_number == 45


def test_a_page_that_skips_unread_messages_marks_nothing_as_read(space, numbers_posted, trainer, as_, url):
    RoomMember.objects.filter(room=space.room, user=trainer).update(read_number=5)
    as_(trainer).get(url, {"at": 60})
    assert RoomMember.objects.get(room=space.room, user=trainer).read_number == 5


def test_the_page_has_the_read_counts(space, numbers_posted, participant, as_, url):
    for number in range(SMALLEST_GROUP_SHOWN):
        reader = person(f"Reader {number}")
        join(space, reader)
        chat.mark_read(room=space.room, user=reader, number=60 + number)
    assert shown(space, participant).readers == [(60, SMALLEST_GROUP_SHOWN)]
    assert f'data-read="[[60, {SMALLEST_GROUP_SHOWN}]]"' in as_(participant).get(url).text


def test_without_a_script_the_newest_own_message_shows_its_read_count(space, participant, trainer, as_, url):
    mine = [post(space, participant).number for _ in range(2)]
    for number in range(SMALLEST_GROUP_SHOWN):
        reader = person(f"Reader {number}")
        join(space, reader)
        chat.mark_read(room=space.room, user=reader, number=mine[-1])
    post(space, trainer)
    counted = [(one.number, one.read_by) for one in shown(space, participant).messages if one.read_by]
    assert counted == [(mine[-1], SMALLEST_GROUP_SHOWN)]
    assert f"Read up to here by {SMALLEST_GROUP_SHOWN}" in as_(participant).get(url).text


def test_a_form_redirects_to_the_message_on_whatever_page_it_is(space, numbers_posted, participant, as_, url):
    for number, location in (
        (3, f"{url}?at=3#message-3"),
        (numbers_posted[-3], f"{url}#message-{numbers_posted[-3]}"),
    ):
        answer = as_(participant).post(reverse("message_withdraw", args=[space.pk, number]))
        assert answer.headers["Location"] == location


@pytest.mark.parametrize("asked", ["at", "after", "re", "before", "edit"])
@pytest.mark.parametrize("number", ["9" * 5000, "-1", "x", "0", "²"])
def test_numbers_out_of_range_show_the_room(space, participant, as_, url, asked, number):
    post(space, participant)
    assert as_(participant).get(url, {asked: number}).status_code == 200


def test_marks_replies_and_mentions_add_no_queries(
    space, participant, trainer, as_, url, django_assert_max_num_queries
):
    post_many(space, participant, 80)
    client = as_(trainer)
    client.get(url)
    plain = []
    for asked in ({}, {"at": 30}, {"after": 10}, {"before": 70}):
        with django_assert_max_num_queries(70) as taken:
            client.get(url, asked)
        plain.append((asked, len(taken)))
    for number in range(1, 81, 5):
        react(room=space.room, number=number, by=trainer, mark="idea", on=True, client_id=uuid.uuid4())
    for number in range(1, 60, 5):
        numbers_posted = post(space, participant, f"@{trainer.name} you, and @everybody", re=number).number
        react(
            room=space.room,
            number=numbers_posted,
            by=participant,
            mark="try",
            on=True,
            client_id=uuid.uuid4(),
        )
    client.get(url)
    for asked, count in plain:
        with django_assert_max_num_queries(count):
            client.get(url, asked)
