"""Texts as they are searched, in the five languages."""

import pytest

from common import searching
from common.searching import normalize, split_at_matches


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Voting by THUMBS", "thumbs"),
        ("Őszi szünet után", "oszi SZUNET"),
        ("Łódź, źdźbło", "lodz zdzblo"),
        ("Šiauliai, ąžuolas", "siauliai azuolas"),
        ("Ёлка и Йод", "елка йод"),
        ("УРОК во вторник", "урок"),
        ("decomposed: sza\u0301m", "szám"),
    ],
)
def test_text_is_found_without_diacritics_and_in_any_case(written, asked):
    for word in normalize(asked).split():
        assert word in normalize(written)


def test_a_text_is_split_at_matches_without_loss():
    parts = split_at_matches("Łódź was cold, and Łódka too", [normalize("łód")])
    assert parts == [("Łód", True), ("ź was cold, and ", False), ("Łód", True), ("ka too", False)]


def test_letters_that_expand_to_two_do_not_shift_the_matches():
    assert split_at_matches("Straße", [normalize("sse")]) == [("Stra", False), ("ße", True)]
    assert split_at_matches("ﬁle here", [normalize("here")]) == [("ﬁle ", False), ("here", True)]


def test_combining_characters_alone_match_nothing():
    assert normalize("\u0301") == ""
    assert split_at_matches("a\u0301", [""]) == [("a\u0301", False)]


@pytest.mark.parametrize(
    ("name", "typed", "found"),
    [
        ("Łukasz Pawlik", "luk", True),
        ("Łukasz Pawlik", "paw LUK", True),
        ("Nagy Nóra", "nor", True),
        ("Nagy-Bodó Éva", "bodo", True),
        ("Søren Æby Đoković", "sor aeb dok", True),
        ("Jörg Weiß", "weiss", True),
        ("Nagy Nóra", "agy", False),
        ("Nagy Nóra", "nor kis", False),
        ("Nagy Nóra", "", True),
    ],
)
def test_a_name_is_found_by_the_beginnings_of_its_words(name, typed, found):
    assert searching.name_matches(name, typed) is found
