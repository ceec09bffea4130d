"""From bytes to rows: the formats of spreadsheets, and typing errors."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.people.models import Occupation
from followup.lists.columns import occupation_of
from followup.lists.encodings import UnreadableError
from followup.lists.matching import Days
from followup.lists.parser import MAX_BYTES, parse, parse_text
from followup.lists.reasons import Reason, escape_formula, file_of_refused, reason_in_words
from followup.lists.tables import MAX_ROWS

DAYS = Days(dt.date(2026, 11, 2), dt.date(2026, 11, 21))
HEAD = "email,name,completed_on,language\n"


def people(text: str, **more):
    return [(row.address, row.name) for row in parse_text(text, days=DAYS, **more).good]


def only_reason(row: str) -> tuple[str, str]:
    [refused] = parse_text(HEAD + row, days=DAYS).refused
    return refused.reason, refused.about


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_commas_semicolons_and_tabs_are_distinguished(separator, end):
    text = end.join(
        [separator.join(["name", "email"]), separator.join(['"Kis, Éva, dr.; \tm"', "eva@x.test"])]
    )
    assert people(text) == [("eva@x.test", "Kis, Éva, dr.; m")]


def test_the_sep_line_of_excel_sets_the_separator():
    assert people("sep=;\r\nemail;name\r\na@x.test;Anna\r\n") == [("a@x.test", "Anna")]


@pytest.mark.parametrize(
    "heading",
    [
        "e-mail cím;név",
        "Adres e-mail;Imię i nazwisko",
        "El. paštas;Vardas ir pavardė",
        "Эл. почта;ФИО",
        "E-MAIL;Name",
    ],
)
def test_columns_may_be_named_in_each_of_the_five_languages(heading):
    assert people(f"{heading}\na@x.test;Anna Nagy") == [("a@x.test", "Anna Nagy")]


@pytest.mark.parametrize(
    ("encoding", "language", "name"),
    [
        ("utf-8", "en", "Őri Ágnes"),
        ("utf-8-sig", "en", "Őri Ágnes"),
        ("utf-16", "en", "Żaneta Łąk"),
        ("cp1250", "hu", "Őri Ágnes Űr"),
        ("cp1250", "en", "Żaneta Łąka"),
        ("iso8859_2", "pl", "Żaneta Łąka"),
        ("cp1251", "ru", "Ольга Ёлкина"),
        ("cp1251", "en", "Ольга Ёлкина"),
        ("iso8859_13", "lt", "Živilė Šimkutė"),
        ("cp1257", "lt", "Živilė Šimkutė"),
    ],
)
def test_old_encodings_are_recognised(encoding, language, name):
    raw = f"email,name\na@x.test,{name}\n".encode(encoding)
    assert [row.name for row in parse(raw, days=DAYS, language=language).good] == [name]


def test_an_ambiguous_encoding_is_refused_instead_of_guessed():
    raw = "email,name\na@x.test,Ćma\n".encode("cp1250")
    with pytest.raises(UnreadableError) as problem:
        parse(raw, days=DAYS, language="en")
    assert problem.value.code == "letters"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"\r\n , ;\r\n", "empty"),
        (b"email,name\n\0", "not-text"),
        (b"x" * (MAX_BYTES + 1), "too-large"),
        (b"name\nAnna\n", "no-columns"),
        (b"email,name\n" + b"a@x.test,Anna\n" * (MAX_ROWS + 1), "too-many-rows"),
    ],
)
def test_an_unreadable_file_has_its_reason(raw, code):
    with pytest.raises(UnreadableError) as problem:
        parse(raw, days=DAYS)
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Anna,,", (Reason.NO_ADDRESS, "")),
        ("anna,Anna,,", (Reason.NOT_AN_ADDRESS, "anna")),
        ("a@x.test,,,", (Reason.NO_NAME, "")),
        (f"a@x.test,{'n' * 121},,", (Reason.LONG_NAME, "")),
        ("a@x.test,Anna,soon,", (Reason.NO_DATE, "soon")),
        ("a@x.test,Anna,2026-11-22,", (Reason.FUTURE, "2026-11-22")),
        ("a@x.test,Anna,1.11.2026,", (Reason.TOO_EARLY, "2026-11-01")),
        ("a@x.test,Anna,,de", (Reason.NO_LANGUAGE, "de")),
    ],
)
def test_a_refused_row_has_its_reason(row, reason):
    assert only_reason(row) == reason
    assert "%" not in reason_in_words(*reason)


def test_an_address_with_another_name_is_refused_and_refers_to_the_first_line():
    listing = parse_text("email,name\na@x.test,Anna\nA@X.test,anna \na@x.test,Béla\n", days=DAYS)
    assert [(row.line, row.name) for row in listing.good] == [(2, "Anna"), (3, "anna")]
    assert [(row.line, row.reason, row.about) for row in listing.refused] == [(4, Reason.OTHER_NAME, "2")]


def test_line_numbers_are_those_of_the_file_also_after_a_break_inside_quotation_marks():
    text = 'name,email\n"Nagy\nAnna",anna@x.test\n\n\nBéla,nope\n'
    listing = parse_text(text, days=DAYS)
    assert [row.name for row in listing.good] == ["Nagy Anna"]
    assert [row.line for row in listing.refused] == [6]


def test_an_unclosed_quotation_mark_makes_one_line_refused_only():
    text = 'name,email\n"Anna,a@x.test\nBéla,b@x.test\nCili,"c@x.test\nDóra,d@x.test\n'
    listing = parse_text(text, days=DAYS)
    assert [row.name for row in listing.good] == ["Béla", "Dóra"]
    assert [(row.line, row.reason) for row in listing.refused] == [(2, Reason.QUOTES), (4, Reason.QUOTES)]


@given(st.text(max_size=400))
def test_any_text_is_parsed_or_refused_without_an_error(text):
    try:
        listing = parse_text(text, days=DAYS)
    except UnreadableError:
        return
    for row in listing.refused:
        reason_in_words(row.reason, row.about)


@given(st.text(max_size=200))
def test_any_rows_under_a_good_header_are_each_good_or_refused_with_a_line(text):
    listing = parse_text(HEAD + text, days=DAYS)
    lines = [row.line for row in listing.rows]
    assert lines == sorted(set(lines))
    assert all(line >= 2 for line in lines)


@given(st.binary(max_size=400), st.sampled_from(["en", "hu", "pl", "lt", "ru"]))
def test_any_bytes_are_parsed_or_refused_without_an_error(raw, language):
    try:
        parse(raw, days=DAYS, language=language)
    except UnreadableError:
        return


word = st.text(alphabet="aábcčdďéęíłńóőśšűüžяёÉŁŻ -'.", min_size=1, max_size=20).filter(
    lambda name: name.strip(" -'.")
)
junk_line = st.text(
    alphabet=st.characters(blacklist_characters="\r\n\0\ufeff", blacklist_categories=["Cs"]), max_size=40
).filter(lambda line: "@" not in line)


@given(st.data())
def test_good_rows_are_parsed_whatever_lines_are_between_them(data):
    names = data.draw(st.lists(word, min_size=1, max_size=6))
    expected, lines = [], []
    for number, name in enumerate(names):
        # At most one stray quotation mark: a second one could close the first after good rows.
        junk = (
            data.draw(junk_line) if number == 0 else data.draw(junk_line.filter(lambda line: '"' not in line))
        )
        address = f"person{number}@x.test"
        good = io.StringIO()
        csv.writer(good, lineterminator="").writerow([address, name])
        lines += [junk, good.getvalue()]
        expected.append(address)
    found = [address for address, _name in people("email,name\n" + "\n".join(lines))]
    assert found == expected


def test_refused_rows_are_written_with_their_columns_and_reason_and_can_be_parsed_again():
    first = parse_text("név;e-mail;iskola\nAnna;anna;Első\nBéla;b@x.test;Második\n", days=DAYS)
    rows = [(reason_in_words(row.reason, row.about), row.cells) for row in first.refused]
    text = file_of_refused(first.header, rows)
    again = parse_text(text, days=DAYS)
    assert again.header == ["név", "e-mail", "iskola", "reason"]
    assert [row.cells[:3] for row in again.refused] == [["Anna", "anna", "Első"]]
    corrected = parse_text(text.replace("anna,", "anna@x.test,"), days=DAYS)
    assert [(row.address, row.name) for row in corrected.good] == [("anna@x.test", "Anna")]
    twice = file_of_refused(again.header, [("why", row.cells) for row in again.refused])
    assert twice.count("reason") == 1


@pytest.mark.parametrize("cell", ["=1+1", "+36 20", "-2", "@here", "\tx", "\rx"])
def test_no_cell_of_the_refused_rows_is_a_formula(cell):
    assert escape_formula(cell) == f"'{cell}"
    text = file_of_refused(["email", "name"], [("why", ["nope", cell])])
    assert not any(one.startswith(tuple("=+-@\t\r")) for row in csv.reader(io.StringIO(text)) for one in row)


def test_the_formula_guard_is_removed_when_the_file_is_parsed():
    assert people("email,name\na@x.test,'@Anna\n") == [("a@x.test", "@Anna")]


@pytest.mark.parametrize(
    "word", ["Nauczyciel", "nauczycielka", "Nauczanie w szkole", "teacher", "Mokytoja", "Mokytojas (-a)"]
)
def test_an_occupation_has_synonyms(word):
    assert occupation_of(word) == Occupation.TEACHER
    assert occupation_of("kominiarz") == Occupation.OTHER
