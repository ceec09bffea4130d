"""Names in the order of the reader's alphabet."""

import random

import pytest
from django.utils import translation

from common.collation import name_key, sorted_by_name
from tests.names import NAMES


@pytest.mark.parametrize("language", NAMES)
def test_names_stand_in_the_order_of_the_readers_alphabet(language):
    shuffled = NAMES[language][:]
    random.Random(1).shuffle(shuffled)
    expected = sorted(NAMES[language], key=lambda name: name_key(name, language))
    with translation.override(language):
        assert sorted_by_name(shuffled, str) == expected
    if language != "en":
        assert expected == NAMES[language]


def test_diacritics_and_case_decide_where_all_letters_are_equal():
    assert sorted_by_name(["Adám", "Ádam", "Adam", "adam"], str)[:2] == ["adam", "Adam"]


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Vass Zoltán", "Vassz Adél", "hu"),  # a space is no letter, and "ssz" is "sz" twice
        ("Megy", "Meggyes", "hu"),  # "ggy" is "gy" twice
        ("Megyer", "Meggyes", "hu"),
        ("Kis Zoltán", "Kiss Anna", "hu"),
        ("Óvári", "Öveges", "hu"),
        ("Oszkár", "Ö", "hu"),
        ("Ö", "Oszkár", "en"),
        ("Lz", "Ła", "pl"),
        ("2. Anna", "Anna", "en"),
        ("Анна", "Anna", "ru"),
        ("Anna", "Анна", "lt"),
        ("Ийка", "Йанна", "ru"),
    ],
)
def test_one_name_stands_before_another(first, second, language):
    assert name_key(first, language) < name_key(second, language)


@pytest.mark.parametrize("name", ["", " ", "—", "\u0301", "🙂", "ẞ", "Æ", "名前", "İ"])
def test_every_name_has_a_place(name):
    assert name_key(name, "hu") == name_key(name, "hu")


def test_people_of_one_name_stay_as_they_come():
    assert sorted_by_name([(2, "Anna"), (1, "Anna")], lambda row: row[1]) == [(2, "Anna"), (1, "Anna")]
