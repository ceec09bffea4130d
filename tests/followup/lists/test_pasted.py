"""People in pasted lines, however they were copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.lists.encodings import UnreadableError
from followup.lists.naming import clean_name
from followup.lists.parser import parse_pasted
from followup.lists.pasted import people_in
from followup.lists.reasons import Reason

ILONA = ("Tóth Ilona", "toth@x.test")


def people(text: str, language: str = "hu") -> list[tuple[str, str]]:
    listing = parse_pasted(text, language=language)
    assert not listing.refused, listing.refused
    return [(row.name, row.address) for row in listing.rows]


@pytest.mark.parametrize(
    "line",
    [
        "Tóth Ilona, toth@x.test",
        "Tóth Ilona <toth@x.test>",
        "Tóth Ilona <toth@x.test>,",
        '"Tóth Ilona" <toth@x.test>;',
        "„Tóth Ilona” <toth@x.test>",
        '"Tóth Ilona" (toth@x.test)',
        "toth@x.test;Tóth Ilona",
        "toth@x.test\tTóth Ilona",
        "  Tóth   Ilona\ttoth@x.test ",
        "1. Tóth Ilona toth@x.test",
        "12) Tóth Ilona, toth@x.test",
        "(3) Tóth Ilona, toth@x.test",
        "1.Tóth Ilona toth@x.test",
        "1\tTóth Ilona\ttoth@x.test",
        "- Tóth Ilona toth@x.test",
        "– Tóth Ilona – toth@x.test",
        "• Tóth Ilona: toth@x.test",
        "* Tóth Ilona | toth@x.test |",
        "| Tóth Ilona | toth@x.test |",
        "> Tóth Ilona <toth@x.test>",
        "☐ Tóth Ilona toth@x.test",
        "[ ] Tóth Ilona toth@x.test",
        "a) Tóth Ilona toth@x.test",
        "[Tóth Ilona](mailto:toth@x.test)",
        "- [Tóth Ilona](mailto:toth@x.test)",
        "[toth@x.test](mailto:toth@x.test) Tóth Ilona",
        "toth@x.test – Tóth Ilona",
        "toth@x.test - Tóth Ilona",
        "Tóth Ilona - Pécs - toth@x.test",
        "Tóth Ilona: toth@x.test",
        "Tóth Ilona MAILTO:toth@x.test",
        "Tóth Ilona toth@x.test.",
        "\u200bTóth Ilona, toth@x.test\u200b",
        "\ufeffTóth\u00a0Ilona, TOTH@x.test\u2060",
        "Tóth Ilona; +36 30 123 4567; toth@x.test",
        "Tóth Ilona, tel.: 06-30/123-4567, toth@x.test",
        "Tóth Ilona\t+36301234567\tPécs\ttoth@x.test",
        "Tóth Ilona, 7621 Pécs, Fő u. 5., toth@x.test",
        "Tóth Ilona, Pécs, toth@x.test",
        "Pécs; Tóth Ilona; toth@x.test",
        "Tóth Ilona; Szent István Gimnázium; toth@x.test",
        "Szent István Gimnázium; Tóth Ilona; toth@x.test",
        "Tóth Ilona (matek), toth@x.test",
        "Tóth Ilona, tanár, toth@x.test",
        "Tóth\tIlona\ttoth@x.test",
        "Tóth;Ilona;toth@x.test;Pécs 7621",
        "Tóth, Ilona <toth@x.test>",
        '"Tóth, Ilona" <toth@x.test>',
        "Név: Tóth Ilona, E-mail: toth@x.test",
        "Név:Tóth Ilona,E-mail:toth@x.test",
        "Tóth Ilona; www.toth.test; toth@x.test",
        "To: Tóth Ilona <toth@x.test>",
        "Résztvevő: Tóth Ilona, toth@x.test",
        "toth@x.test Tóth Ilona 06 30 123 4567",
        "Tóth Ilona +36-30/123-4567 toth@x.test",
        "Tóth Ilona/toth@x.test",
        "Tóth Ilona → toth@x.test",
        "Tóth Ilona … toth@x.test",
        "Kis Iskola, Tóth Ilona <toth@x.test>",
        "Kis Béla helyett, Tóth Ilona <toth@x.test>",
        "Tóth Ilona <toth@x.test> Tóth Ilona",
        "matematika tanár\tTóth Ilona\ttoth@x.test",
        "Tóth Ilona\tmatematika és fizika tanár\ttoth@x.test",
        "Petőfi Sándor Ált. Isk.\tTóth Ilona\ttoth@x.test",
        "ZSO Gdynia\tTóth Ilona\ttoth@x.test",
        "Vilniaus Gedimino progimnazija\tTóth Ilona\ttoth@x.test",
        "учитель математики\tTóth Ilona\ttoth@x.test",
        "Maths teacher, Tóth Ilona, toth@x.test",
    ],
)
def test_a_person_is_found_without_what_stands_around(line):
    assert people(line) == [ILONA]


@pytest.mark.parametrize(
    ("line", "language", "name"),
    [
        ("Kazlauskienė, Rūta, a@x.test", "lt", "Rūta Kazlauskienė"),
        ("Иванова; Анна; Петровна; a@x.test", "ru", "Иванова Анна Петровна"),
        ("Иванова, Анна <a@x.test>", "ru", "Иванова Анна"),
        ("Anna Kowalska - Nowak, a@x.test", "pl", "Anna Kowalska - Nowak"),
        ("Nagy-Kis Anna a@x.test", "hu", "Nagy-Kis Anna"),
        ("dr. Nagy Anna a@x.test", "hu", "dr. Nagy Anna"),
        ("II. Nagy Anna a@x.test", "hu", "II. Nagy Anna"),
        ("O’Neil Jane a@x.test", "en", "O’Neil Jane"),
        ("Anna Nowak, PhD, a@x.test", "en", "Anna Nowak"),
        ("Иванов И. И. a@x.test", "ru", "Иванов И. И."),
    ],
)
def test_a_name_keeps_what_belongs_to_it(line, language, name):
    assert people(line, language) == [(name, "a@x.test")]


@pytest.mark.parametrize(
    "line",
    [
        "Anna Nagy <anna@x.test>, Béla Kis <bela@x.test>",
        "Anna Nagy <anna@x.test>; Béla Kis <bela@x.test>;",
        '"Nagy, Anna" <anna@x.test>, "Kis, Béla" <bela@x.test>',
        "Anna Nagy anna@x.test, Béla Kis bela@x.test",
    ],
)
def test_several_people_may_stand_in_one_line(line):
    found = people(line)
    assert [address for _name, address in found] == ["anna@x.test", "bela@x.test"]
    assert {frozenset(name.split()) for name, _address in found} == {
        frozenset(["Anna", "Nagy"]),
        frozenset(["Béla", "Kis"]),
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Tóth Ilona", Reason.NO_ADDRESS),
        ("toth@x.test", Reason.NO_NAME),
        ("- toth@x.test", Reason.NO_NAME),
        ("1. <toth@x.test>", Reason.NO_NAME),
        ("+36 30 123 4567 toth@x.test", Reason.NO_NAME),
        ("Tóth Ilona, toth@nowhere", Reason.NOT_AN_ADDRESS),
        ("Tóth Ilona, toth@x.test or ilona@x.test", Reason.TWO_ADDRESSES),
        ("Tóth\tIlona\tPécs\ttoth@x.test", Reason.UNCLEAR_NAME),
        ("Szent István Gimnázium toth@x.test", Reason.UNCLEAR_NAME),
        ("matematika tanár toth@x.test", Reason.UNCLEAR_NAME),
        ("Kék Bagoly\tTóth Ilona\ttoth@x.test", Reason.UNCLEAR_NAME),
        ("Tóth Ilona\tKék Bagoly\ttoth@x.test", Reason.UNCLEAR_NAME),
        ("Pécs\tVasas\tTóth Ilona\ttoth@x.test", Reason.UNCLEAR_NAME),
        ("Tóth Ilona 8. b toth@x.test", Reason.UNCLEAR_NAME),
        ("n" * 121 + " toth@x.test", Reason.LONG_NAME),
    ],
)
def test_a_line_that_names_nobody_clearly_is_refused(line, reason):
    listing = parse_pasted("\n" + line, language="hu")
    assert [(row.line, row.reason) for row in listing.rows] == [(2, reason)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Nagy Anna, anna@iskola", ["anna@iskola", "Nagy Anna"]),
        ("Nagy Anna <anna@iskola>, Pécs", ["anna@iskola", "Nagy Anna Pécs"]),
        ("Nagy Anna anna@x.test or a@x.test", ["anna@x.test, a@x.test", "Nagy Anna or"]),
        (
            "Nagy Anna, a teacher of " + "mathematics " * 9,
            ["", "Nagy Anna, a teacher of" + " mathematics" * 9],
        ),
        ("Szent István Gimnázium Szent@x.test", ["Szent@x.test", "Szent István Gimnázium"]),
        ("Nagy\tAnna\tPécs\ta@őri.hu", ["a@őri.hu", "Nagy Anna Pécs"]),
    ],
)
def test_the_cells_of_a_refused_line_have_all_its_words(line, cells):
    [row] = parse_pasted(line, language="hu").refused
    assert row.cells == cells


@pytest.mark.parametrize(
    "text",
    [
        "Vezetéknév\tKeresztnév\tE-mail\nTóth\tIlona\ttoth@x.test\n",
        "Sorszám\tNév\tTelefon\tE-mail cím\r\n1.\tTóth Ilona\t+36 30 123 4567\ttoth@x.test\r\n",
        "Név;E-mail\n1. Tóth Ilona;TOTH@x.test\n",
    ],
)
def test_rows_of_a_spreadsheet_are_read_by_their_columns(text):
    assert people(text) == [ILONA]


def test_the_same_address_with_two_names_is_refused():
    listing = parse_pasted("Anna Nagy a@x.test\nAnna Nagy a@x.test\nBéla Kis A@x.test")
    assert [(row.line, row.reason, row.about) for row in listing.refused] == [(3, Reason.OTHER_NAME, "1")]


letters = st.text(alphabet="aábcčdďéęíłńóőśšűüžяёжÉŁŻ", min_size=3, max_size=12)
marks = st.sampled_from(["", "1. ", "23) ", "- ", "• ", "– ", "* ", "> ", "☐ ", "\u200b", "\ufeff", "[ ] "])
between = st.sampled_from([" ", ", ", "; ", "\t", " – ", " - ", ": ", " | ", " <"])


@given(marks, letters, letters, between, st.sampled_from(["", ".", ",", ">", "\u200b"]))
def test_marks_and_punctuation_never_become_part_of_a_name(mark, first, last, space, end):
    found = people(f"{mark}{first} {last}{space}a.b@x.test{end}", "en")
    assert found == [(f"{first} {last}", "a.b@x.test")]


@given(st.text(max_size=300))
def test_any_pasted_text_is_read_or_refused(text):
    try:
        listing = parse_pasted(text)
    except UnreadableError:
        return
    for row in listing.good:
        assert "@" in row.address
    for person in people_in(text):
        assert person.reason or person.name


@given(st.text(max_size=80))
def test_a_cleaned_name_is_clean(text):
    assert clean_name(clean_name(text)) == clean_name(text)
