"""What is kept and what is removed of a text that enters."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text import clean_line, clean_text, has_letter, is_visible

FAMILY = "👩\u200d👩\u200d👦"
TEACHER = "👩🏽\u200d🏫"
RAINBOW = "🏳\ufe0f\u200d🌈"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
PERSIAN = "می\u200cخواهم"
SINHALA = "ශ්\u200dරී"
INVISIBLE = (
    "\u200b",
    "\u2060",
    "\u00ad",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u2069",
    "\u3164",
    "\u2800",
    "\u115f",
    "\uffa0",
    "\u200e",
    "\u200d",
    "\ufe0f",
    "\u034f",
    "\u180e",
    "\U000e0041",
    "\U000e0100",
    "\u00a0",
    "\u3000",
    "\x00",
    "\x1f",
    "\ud83d",
    "\uffff",
    "\u0301",
    "\ue000",
)
AWKWARD = st.text(
    st.one_of(
        st.sampled_from(
            "aá09#.\n\r\t \v\f\x00\x85\u2028\u200b\u200c\u200d\u200e\u00ad\ufe0f\ufe00\u0301\u0316\u0344"
            "\u3164\ud83d\udc69\U000e0067\U000e007f🏴👩🏫🏽❤\u2329漢یक\u094d\u212b\u2126\u1100\u1161\u11a8"
        ),
        st.characters(),
    )
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("from\vPowerPoint\fand\x85others\u2028say\u2029so", "from\nPowerPoint\nand\nothers\nsay\nso"),
        ("a\x00b\x07c\x1bd\x7fe\x9ff\x1cg", "abcdefg"),
        ("half \ud83d of one", "half  of one"),
        ("no character: \ufffe\uffff\ufdd0\U0001ffff.", "no character: ."),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\u2066isolated\u2069 \u202aembedded\u202c", "isolated embedded"),
        ("\ufeffBOM, so\u00adft, ze\u200bro, jo\u2060in", "BOM, soft, zero, join"),
        ("sza\u0301m, A\u030a and \u212b", "szám, Å and Å"),
        ("a\tb  c\n\n\n  d", "a\tb  c\n\n\n  d"),
        ("Auf\u200clage, x\u200dy, z\ufe0f", "Auflage, xy, z"),
        ("„Čia – 5 °C”, 'ё' ½ ≤ €, �", "„Čia – 5 °C”, 'ё' ½ ≤ €, �"),
    ],
)
def test_a_text_keeps_what_can_be_seen(typed, kept):
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    "whole", [FAMILY, TEACHER, RAINBOW, SCOTLAND, "❤\ufe0f", "1\ufe0f\u20e3", "❤\ufe0f\u200d🔥"]
)
def test_an_emoji_keeps_its_joiners(whole):
    assert clean_text(f"So {whole}!") == f"So {whole}!"
    assert clean_line(whole) == whole


@pytest.mark.parametrize("word", [PERSIAN, SINHALA])
def test_a_word_keeps_the_joiners_that_its_script_needs(word):
    assert clean_text(word) == word


def test_a_joiner_that_joins_nothing_goes():
    assert clean_text("👩\u200d") == "👩"
    assert clean_text("\u200d🏫 a\ufe0f\u200d🏫") == "🏫 a🏫"
    assert clean_text("🏴\U000e0067\U000e0062") == "🏴"


def test_marks_that_pile_up_are_cut_off_and_their_letter_stays():
    piled = "H" + "\u0300\u0316" * 10_000 + "i"
    assert clean_text(piled).startswith("H")
    assert clean_text(piled).endswith("i")
    assert len(clean_text(piled)) <= 32


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Nagy \t Anna\u00a0Mária\r\n", "Nagy Anna Mária"),
        ("First\nsecond\u2028third", "First second third"),
        ("\u200bTóth\u200e\u200f \u061cIlona\u3164", "Tóth Ilona"),
        ("\u202eannA", "annA"),
        ("\u2800\u3164\u115f", ""),
    ],
)
def test_a_name_is_one_line_without_anything_invisible(typed, kept):
    assert clean_line(typed) == kept


@pytest.mark.parametrize("unseen", INVISIBLE, ids=lambda char: f"U+{ord(char):04X}")
def test_what_nobody_sees_is_not_visible(unseen):
    assert not is_visible(unseen)
    assert not is_visible(f" {unseen}\n{unseen}")
    assert is_visible(f"{unseen}?")


@pytest.mark.parametrize("seen", ["a", "?", "-", "5", "👍", "ё", "漢", "½", "…", "�"])
def test_what_a_reader_sees_is_visible(seen):
    assert is_visible(seen)


def test_a_name_has_a_letter_of_any_script():
    assert all(has_letter(name) for name in ("Ä.", "Ё", "佐藤", "5 B"))
    assert not any(has_letter(name) for name in ("", "-", "12", "👍", "\u3164", "."))


@settings(max_examples=300, deadline=None)
@given(AWKWARD)
def test_cleaning_twice_changes_nothing_more_and_loses_no_letter_or_digit(typed):
    for clean in (clean_text, clean_line):
        cleaned = clean(typed)
        assert clean(cleaned) == cleaned
        cleaned.encode()
        assert not [char for char in cleaned if unicodedata.category(char) == "Cc" and char not in "\n\t"]
    assert letters_of(clean_text(typed)) == letters_of(typed)
    assert is_visible(clean_text(typed)) == is_visible(typed)
    assert is_visible(clean_line(typed)) == is_visible(typed)


def letters_of(text):
    """The Latin letters and digits of a text in their order, without their marks."""
    decomposed = unicodedata.normalize("NFD", text)
    return [char for char in decomposed if char.isascii() and char.isalnum()]
