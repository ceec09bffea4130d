"""What a process remembers of spaces."""

import pytest

from community.unread import remembered


@pytest.fixture
def asked() -> list[list[int]]:
    return []


@pytest.fixture
def find(asked):
    def find(spaces):
        asked.append(spaces)
        return {space: len(asked) for space in spaces}

    return find


def test_only_spaces_with_another_token_are_asked_for(find, asked):
    assert remembered.remembered(find, {1: 10, 2: 20}) == {1: 1, 2: 1}
    assert remembered.remembered(find, {1: 10, 2: 21, 3: 30}) == {1: 1, 2: 2, 3: 2}
    assert asked == [[1, 2], [2, 3]]


def test_another_time_zone_is_another_value(find, asked):
    remembered.remembered(find, {1: 10}, "UTC")
    remembered.remembered(find, {1: 10}, "Asia/Tokyo")
    remembered.remembered(find, {1: 10}, "UTC")
    assert asked == [[1], [1]]


def test_what_was_not_used_for_longest_is_forgotten_first(find, asked, monkeypatch):
    monkeypatch.setattr(remembered, "MAX_REMEMBERED", 2)
    remembered.remembered(find, {1: 10, 2: 20})
    remembered.remembered(find, {1: 10})
    remembered.remembered(find, {3: 30})
    remembered.remembered(find, {1: 10, 3: 30})
    assert asked == [[1, 2], [3]]
    remembered.remembered(find, {2: 20})
    assert asked[2:] == [[2]]


def test_more_spaces_than_are_remembered_are_all_found(find, monkeypatch):
    monkeypatch.setattr(remembered, "MAX_REMEMBERED", 2)
    assert remembered.remembered(find, dict.fromkeys(range(5), 1)) == dict.fromkeys(range(5), 1)
    assert len(remembered._values) == 2
