"""Names in texts: when one counts, and the same text without it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.chat.mention_parser import named, without

MEMBERS = [(1, "Ana Kis"), (2, "Ana Kiss"), (3, "Ана Ёлкина"), (4, "Ana Kiss"), (5, "Šarūnė O'Neil-Nagy")]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Ana Kis, look", {1}),
        ("look: (@ana kis)", {1}),
        ("@Ana Kiss!", {2, 4}),
        ("@ана ёлкина и @ANA KIS", {3, 1}),
        ("@Šarūnė O'Neil-Nagy", {5}),
        ("@Ana\nKis", {1}),
        ("@Ana", set()),
        ("@Ana Kisses", set()),
        ("mail@Ana Kis", set()),
        ("Ana Kis", set()),
        ("@", set()),
    ],
)
def test_a_name_counts_when_it_stands_there_whole(text, who):
    assert named(text, MEMBERS) == who


@pytest.mark.parametrize(
    ("text", "others", "left"),
    [
        ("@Ana Kis, look", [], "@—, look"),
        ("look: (@ana kis) and @ANA\n  KIS!", [], "look: (@—) and @—!"),
        ("@Ana Kiss and @Ana Kis", ["Ana Kiss"], "@Ana Kiss and @—"),
        ("@Ana Kis Nagy and @Ana Kis", ["Ana Kis Nagy"], "@Ana Kis Nagy and @—"),
        ("@Ana Kis", ["Ana kis"], "@Ana Kis"),
        ("Ana Kis, a@Ana Kis", [], "Ana Kis, a@Ana Kis"),
    ],
)
def test_a_sign_stands_where_a_name_was(text, others, left):
    assert without(text, "Ana Kis", others) == left


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Jörg Straße", "  ß  @JÖRG STRASSE: ja", "  ß  @—: ja"),
        ("Zoë Ö", unicodedata.normalize("NFD", "Sé, @Zoë Ö"), "Sé, @—"),
        ("", "@ 12:00", "@ 12:00"),
    ],
)
def test_letters_that_grow_when_they_are_compared_leave_the_rest_as_it_was(name, text, left):
    assert without(text, name, []) == left


@given(st.text(alphabet="ab @ß\nÉ", max_size=30), st.text(alphabet="abß ", min_size=1, max_size=5))
def test_who_was_taken_out_of_a_text_is_not_named_in_it(text, name):
    left = without(text, name, [])
    assert named(left, [(1, name)]) == set()
    assert (left == text) == (named(text, [(1, name)]) == set())
