"""Finding mentions in a text, and replacing them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import mention_parser
from common.mention_parser import find_mentioned, replace_name

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
def test_a_mention_is_an_at_sign_and_a_whole_name(text, who):
    assert find_mentioned(text, MEMBERS) == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Łukasz Pawlik", {1}),
        ("@lukasz pawlik", {1}),
        ("@Nemeth Anna", {3}),
        ("@Németh Anna", {2}),
        ("@NÉMETH ANNA és @nemeth anna", {2, 3}),
        ("@Nemeth Ánna", {2, 3}),
        ("@Zoe O’Neil\N{NON-BREAKING HYPHEN}Nagy", {4}),
        ("@Soren Weiss", {5}),
        ("@Lukasz Pawlika", set()),
        ("a@lukasz pawlik", set()),
    ],
)
def test_a_name_is_found_without_its_diacritics_and_as_it_is_written_first(text, who):
    members = [
        (1, "Łukasz Pawlik"),
        (2, "Németh Anna"),
        (3, "Nemeth Anna"),
        (4, "Zoë O'Neil-Nagy"),
        (5, "Søren Weiß"),
    ]
    assert find_mentioned(text, members) == who


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        ("@Ana Kis, look", [], "@—, look"),
        ("look: (@ana kis) and @ANA\n  KIS!", [], "look: (@—) and @—!"),
        ("@Ana Kiss and @Ana Kis", ["Ana Kiss"], "@Ana Kiss and @—"),
        ("@Ana Kis Nagy and @Ana Kis", ["Ana Kis Nagy"], "@Ana Kis Nagy and @—"),
        ("@Ana Kis", ["Ana kis"], "@Ana Kis"),
        ("Ana Kis, a@Ana Kis", [], "Ana Kis, a@Ana Kis"),
        ("@Ána Kis and @Ana Kis", ["Ána Kis"], "@Ána Kis and @—"),
        ("@Ána Kis", [], "@—"),
        ("@Ana Kis@Ana Kis", [], "@—@—"),
    ],
)
def test_a_placeholder_replaces_the_name(text, others, expected):
    assert replace_name(text, "Ana Kis", others) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Jörg Straße", "  ß  @JÖRG STRASSE: ja", "  ß  @—: ja"),
        ("Zoë Ö", unicodedata.normalize("NFD", "Sé, @Zoë Ö"), "Sé, @—"),
        ("", "@ 12:00", "@ 12:00"),
    ],
)
def test_characters_that_case_folding_lengthens_do_not_shift_the_rest(name, text, expected):
    assert replace_name(text, name, []) == expected


@given(st.text(alphabet="ab @ß\nÉ", max_size=30), st.text(alphabet="abß ", min_size=1, max_size=5))
def test_a_replaced_name_is_not_found_any_more(text, name):
    expected = replace_name(text, name, [])
    assert find_mentioned(expected, [(1, name)]) == set()
    assert (expected == text) == (find_mentioned(text, [(1, name)]) == set())


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@🌟 Ana", {1}),
        ("@'Abd Kis", {2}),
        ("@’abd kis", {2}),
        ("@ Ana", set()),
        ("@@Ana", {3}),
        ("@", set()),
    ],
)
def test_a_name_may_begin_with_a_sign(text, who):
    assert find_mentioned(text, [(1, "🌟 Ana"), (2, "'Abd Kis"), (3, "Ana"), (4, " ")]) == who


def test_an_at_sign_is_compared_only_with_names_that_begin_as_what_follows(monkeypatch):
    compared = []
    has = mention_parser._Normalized.has
    monkeypatch.setattr(
        mention_parser._Normalized, "has", lambda *given: compared.append(given[1]) or has(*given)
    )
    assert find_mentioned("@" * 100 + " @ @bela, @béla kis", [(1, "Ana Kis"), (2, "Béla Kis")]) == {2}
    assert compared == ["bela kis"] * 2
