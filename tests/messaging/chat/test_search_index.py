"""The index of search names every block that can have a message, and is right after every change."""

import random
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from common.searching import normalize
from messaging.chat import actions, privacy, search, search_index
from messaging.chat.models import Entry, Room, SearchGrams, SearchSegment

pytestmark = pytest.mark.django_db
WORDS = "gyermekvédelem Łódź ąžuolas учительская sheep 100% them_all e-mail ™ a".split()
ASKED = ("mekved", "lodz", "uolas", "тельс", "ee", "eep", "100%", "m_a", "e-m", "tm", "a a", "a eep", "mek a")


@pytest.fixture(autouse=True)
def small_segments(monkeypatch):
    """Four blocks of two entries."""
    for module in (search, search_index):
        monkeypatch.setattr(module, "ENTRIES_PER_BLOCK", 2)
        monkeypatch.setattr(module, "ENTRIES_PER_SEGMENT", 8)
    monkeypatch.setattr(search_index, "BLOCKS", 4)
    monkeypatch.setattr(search, "FIRST_BLOCKS", 1)


def fill(room: Room, author, texts) -> None:
    for text in texts:
        actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4())
    room.refresh_from_db()


def read_all(room: Room, asked: str) -> list[int]:
    """The ids that a search finds without an index."""
    rows = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    for word in search.words_of(asked):
        rows = rows.filter(folded__contains=word)
    return list(rows.order_by("-number").values_list("pk", flat=True))


def found(room: Room, asked: str) -> list[int]:
    return search.found_in(room, search.words_of(asked))[0]


def test_with_an_index_the_same_is_found_as_without(space, participant):
    chance = random.Random(7)
    texts = [" ".join(chance.choices(WORDS, k=chance.choice((1, 2, 5)))) for _ in range(30)]
    fill(space.room, participant, texts)
    assert search_index.sweep() == 3
    for asked in (*ASKED, *map(normalize, WORDS[:-1])):
        assert found(space.room, asked) == read_all(space.room, asked), asked


def test_the_newest_are_found_and_that_there_are_more(space, participant, monkeypatch):
    monkeypatch.setattr(search, "MAX_FOUND", 3)
    fill(space.room, participant, [f"sheep {number}" for number in range(18)])
    search_index.sweep()
    ids, more = search.found_in(space.room, ["sheep"])
    assert ids == read_all(space.room, "sheep")[:3]
    assert more
    assert search.found_in(space.room, ["sheep", "17"]) == (read_all(space.room, "sheep 17"), False)


def test_a_block_that_cannot_have_the_words_is_not_read(space, participant):
    fill(space.room, participant, ["sheep"] + ["goats"] * 15)
    search_index.sweep()
    assert search_index.blocks_with(space.room.pk, ["shee"], 2) == [0]
    assert search_index.blocks_with(space.room.pk, ["xyzzy"], 2) == []


def test_segments_without_an_index_are_read(space, participant):
    fill(space.room, participant, ["sheep", *["goats"] * 20, "sheep"])
    search_index.sweep()
    SearchGrams.objects.filter(segment__number=0).delete()
    assert found(space.room, "sheep") == read_all(space.room, "sheep")
    SearchGrams.objects.all().delete()
    assert len(found(space.room, "sheep")) == 2


@pytest.mark.parametrize("change", ["edit", "withdraw", "restore", "erase"])
def test_a_change_deletes_the_index_of_its_segment_in_the_same_transaction(
    space, participant, trainer, change
):
    fill(space.room, participant, ["sheep"])
    fill(space.room, trainer, ["goats"] * 15)
    if change == "restore":
        actions.withdraw_message(room=space.room, number=1, by=participant)
    search_index.sweep()
    assert set(SearchGrams.objects.values_list("segment__number", flat=True)) == {0, 1}
    with transaction.atomic():
        if change == "edit":
            actions.edit_message(
                room=space.room, number=1, by=participant, text="A cow", client_id=uuid.uuid4()
            )
        elif change == "withdraw":
            actions.withdraw_message(room=space.room, number=1, by=participant)
        elif change == "restore":
            actions.restore_message(room=space.room, number=1, by=participant)
        else:
            privacy.erase(participant)
        assert set(SearchGrams.objects.values_list("segment__number", flat=True)) == {1}
    for _ in range(2):
        for asked in ("sheep", "cow", "goat"):
            assert found(space.room, asked) == read_all(space.room, asked)
        search_index.sweep()
    call_command("check_search")


def test_an_index_of_texts_before_a_change_is_not_stored_after_it(space, participant, monkeypatch):
    fill(space.room, participant, ["sheep"] * 8)
    rows_of = search_index._rows_of

    def read_and_edit(segment: SearchSegment) -> list[bytes]:
        rows = rows_of(segment)
        actions.edit_message(room=space.room, number=1, by=participant, text="A cow", client_id=uuid.uuid4())
        return rows

    monkeypatch.setattr(search_index, "_rows_of", read_and_edit)
    assert search_index.sweep() == 0
    assert not SearchGrams.objects.exists()
    monkeypatch.undo()


def test_an_index_that_differs_is_reported_and_made_again(space, participant, capsys):
    fill(space.room, participant, ["sheep"] * 8)
    search_index.sweep()
    call_command("check_search")
    Entry.objects.filter(room=space.room, number=1).update(folded="a cow")
    with pytest.raises(CommandError, match="Differences: 1"):
        call_command("check_search")
    call_command("check_search", mend=True)
    assert "Repaired: 1" in capsys.readouterr().out
    search_index.sweep()
    call_command("check_search")
    assert found(space.room, "cow") == read_all(space.room, "cow")


def test_a_message_that_is_changed_while_it_is_compared_is_no_difference(space, participant, monkeypatch):
    fill(space.room, participant, ["sheep"] * 8)
    search_index.sweep()
    rows_of = search_index._rows_of

    def edit_and_read(segment: SearchSegment) -> list[bytes]:
        actions.edit_message(room=space.room, number=1, by=participant, text="A cow", client_id=uuid.uuid4())
        return rows_of(segment)

    monkeypatch.setattr(search_index, "_rows_of", edit_and_read)
    assert search_index.differing() == []


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_to_write_while_all_messages_are_compared(space, participant, monkeypatch):
    fill(space.room, participant, ["sheep"] * 8)
    search_index.sweep()
    Entry.objects.filter(room=space.room, number=1).update(folded="a cow")
    rows_of = search_index._rows_of

    def read(segment: SearchSegment) -> list[bytes]:
        assert not connection.in_atomic_block
        return rows_of(segment)

    monkeypatch.setattr(search_index, "_rows_of", read)
    assert len(search_index.mend()) == 1
    assert not SearchGrams.objects.exists()


def test_a_small_room_is_searched_in_one_statement(space, participant, django_assert_num_queries):
    fill(space.room, participant, ["sheep"] * 3)
    with django_assert_num_queries(1):
        found(space.room, "sheep")
