"""Lists as other systems and people write them: which column is what, and what the people are called."""

import datetime as dt

import pytest

from followup.lists.encodings import UnreadableError
from followup.lists.matching import Days
from followup.lists.parser import Listing, parse_text
from followup.lists.reasons import why_unreadable

DAYS = Days(dt.date(2026, 11, 2), dt.date(2026, 11, 21), "Europe/Budapest")


def read(text: str, language: str = "en"):
    return parse_text(text, days=DAYS, language=language)


def people(text: str, language: str = "en") -> list[tuple[str, str]]:
    listing = read(text, language)
    assert not listing.refused
    return [(row.name, row.address) for row in listing.rows]


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        # Moodle, in each of our languages.
        ("First name,Last name,Email address", "Joanna,Kubiak,a@x.test", "Joanna Kubiak"),
        ("First name,Surname,Email address", "Joanna,Kubiak,a@x.test", "Joanna Kubiak"),
        ("firstname,lastname,email", "Joanna,Kubiak,a@x.test", "Joanna Kubiak"),
        ("Keresztnév;Vezetéknév;E-mail cím", "Anna;Nagy;a@x.test", "Nagy Anna"),
        ("Imię;Nazwisko;Adres e-mail", "Joanna;Kubiak;a@x.test", "Joanna Kubiak"),
        ("Vardas;Pavardė;El. pašto adresas", "Rūta;Šimkienė;a@x.test", "Rūta Šimkienė"),
        ("Имя;Фамилия;Адрес электронной почты", "Анна;Иванова;a@x.test", "Анна Иванова"),
        # In two or three columns, surname first.
        ("Surname,First name,E-mail", "Kubiak,Joanna,a@x.test", "Joanna Kubiak"),
        ("Family name,Given name,Middle name,E-mail", "Smith,Jane,Ann,a@x.test", "Jane Ann Smith"),
        ("Vezetéknév;Keresztnév;E-mail", "Nagy;Anna Mária;a@x.test", "Nagy Anna Mária"),
        ("Családnév;Utónév;Második utónév;E-mail", "Nagy;Anna;Mária;a@x.test", "Nagy Anna Mária"),
        ("Nazwisko;Imię;Drugie imię;E-mail", "Nowak;Anna;Maria;a@x.test", "Anna Maria Nowak"),
        ("Pavardė;Vardas;El. paštas", "Šimkienė;Rūta;a@x.test", "Rūta Šimkienė"),
        ("Фамилия;Имя;Отчество;Эл. почта", "Иванова;Анна;Петровна;a@x.test", "Иванова Анна Петровна"),
        ("Имя;Отчество;Фамилия;E-mail", "Анна;Петровна;Иванова;a@x.test", "Анна Петровна Иванова"),
        ("Имя;Фамилия;Отчество;E-mail", "Анна;Иванова;Петровна;a@x.test", "Анна Петровна Иванова"),
        ("Отчество;Фамилия;Имя;E-mail", "Петровна;Иванова;Анна;a@x.test", "Иванова Анна Петровна"),
        # A doubtful "name" beside a part of it.
        ("Name,Surname,Email", "Joanna,Kubiak,a@x.test", "Joanna Kubiak"),
        ("Name,First name,Email", "Kubiak,Joanna,a@x.test", "Joanna Kubiak"),
        ("Name,Surname,Email", "Joanna Kubiak,Kubiak,a@x.test", "Joanna Kubiak"),
        ("Имя;Фамилия;E-mail", "Иванова Анна;Иванова;a@x.test", "Иванова Анна"),
        ("Név;Vezetéknév;Keresztnév;E-mail", "Nagy Anna;Nagy;Anna;a@x.test", "Nagy Anna"),
        # Whole names in one column, also below the heading of a part.
        ("Nazwisko;E-mail", "Anna Nowak;a@x.test", "Anna Nowak"),
        ("vardas;el. paštas", "Rūta Šimkienė;a@x.test", "Rūta Šimkienė"),
        ("Имя участника;Почта", "Анна Иванова;a@x.test", "Анна Иванова"),
        ("Résztvevő neve;E-mail-cím", "Nagy Anna;a@x.test", "Nagy Anna"),
        ("Full name (as in passport),E-mail", "Anna Nowak,a@x.test", "Anna Nowak"),
        ("Név / Name;E-mail / Email", "Nagy Anna;a@x.test", "Nagy Anna"),
        # Surname first, turned where the given name comes first.
        ("Nazwisko i imię;Adres e-mail", "Nowak Anna;a@x.test", "Anna Nowak"),
        (
            "Nazwisko i imię uczestnika;Adres e-mail",
            "mgr Nowak-Kubiak Anna Maria;a@x.test",
            "mgr Anna Maria Nowak-Kubiak",
        ),
        ("Pavardė vardas;El. paštas", "Kazlauskienė Rūta;a@x.test", "Rūta Kazlauskienė"),
        ("Pavardė, vardas;El. paštas", "Kazlauskienė, Rūta;a@x.test", "Rūta Kazlauskienė"),
        ("Surname and first name,Email", "van der Berg Anna,a@x.test", "Anna van der Berg"),
        ("Nazwisko i imię;E-mail", "Nowak - Kowalska Anna;a@x.test", "Anna Nowak-Kowalska"),
        ("Nazwisko i imię;E-mail", "Nowak- Kowalska Anna;a@x.test", "Anna Nowak-Kowalska"),
        ("Nazwisko i imię;E-mail", "Nowak (Kowalska) Anna;a@x.test", "Anna Nowak (Kowalska)"),
        ("Nazwisko i imię;E-mail", "Nowak (z d. Kos) Anna Maria;a@x.test", "Anna Maria Nowak (z d. Kos)"),
        ("Nazwisko i imię;E-mail", "KOWALSKA NOWAK Ewa;a@x.test", "Ewa KOWALSKA NOWAK"),
        ("Nazwisko i imię;E-mail", "KOWALSKA Ewa Maria;a@x.test", "Ewa Maria KOWALSKA"),
        ("Pavardė ir vardas;El. paštas", "Naujokaitė – Petrienė Ona;a@x.test", "Ona Naujokaitė-Petrienė"),
        ("Surname and name,Email", "O' Brien Mary,a@x.test", "Mary O' Brien"),
        ("Surname and name,Email", "Van Dyke Tom,a@x.test", "Tom Van Dyke"),
        ("Surname and name,Email", "Mc Donald Tom,a@x.test", "Tom Mc Donald"),
        ("Surname and name,Email", "St. John Tom,a@x.test", "Tom St. John"),
        ("Name (Last, First),Email", '"Berg, Anna",a@x.test', "Anna Berg"),
        ("Vardas ir pavardė;El. paštas", "Kazlauskienė, Rūta;a@x.test", "Rūta Kazlauskienė"),
        ("Vardas, pavardė;El. paštas", "Rūta, Kazlauskienė;a@x.test", "Rūta Kazlauskienė"),
        ("Vezeték- és keresztnév;E-mail", "Nagy Anna;a@x.test", "Nagy Anna"),
        ("Név;E-mail", "Nagy, Anna;a@x.test", "Nagy Anna"),
        ("ФИО;Эл. почта", "Иванова Анна Петровна;a@x.test", "Иванова Анна Петровна"),
        ("Ф.И.О. участника;Адрес эл. почты;E-mail", "Иванова, Анна;;a@x.test", "Иванова Анна"),
        (
            "Фамилия, имя, отчество;Электронная почта",
            "Иванова Анна Петровна;a@x.test",
            "Иванова Анна Петровна",
        ),
        # What is not turned.
        ("Imię i nazwisko;E-mail", "KOWALSKA Anna;a@x.test", "KOWALSKA Anna"),
        ("Name,E-mail", '"Jane Smith, PhD",a@x.test', "Jane Smith, PhD"),
        ("Name,E-mail", '"Smith, PhD",a@x.test', "Smith, PhD"),
        ("Nazwisko i imię;E-mail", "Nowak;a@x.test", "Nowak"),
        ("Nazwisko i imię;E-mail", "Kowalska Nowak Ewa;a@x.test", "Kowalska Nowak Ewa"),
        ("Nazwisko i imię;E-mail", "Nowak Anna - Gdynia;a@x.test", "Nowak Anna - Gdynia"),
        ("Nazwisko i imię;E-mail", "Nowak Anna (Gdynia);a@x.test", "Nowak Anna (Gdynia)"),
        ("Nazwisko i imię;E-mail", "Nowak (Kowalska);a@x.test", "Nowak (Kowalska)"),
        ("Nazwisko i imię;E-mail", "Nowak mgr;a@x.test", "Nowak mgr"),
        ("Nazwisko i imię;E-mail", "A. Nowak;a@x.test", "A. Nowak"),
        ("Surname and name,E-mail", "Berg van der Anna,a@x.test", "Berg van der Anna"),
    ],
)
def test_a_name_is_whole_and_in_the_order_of_its_language(header, row, name):
    assert people(f"{header}\n{row}\n") == [(name, "a@x.test")]


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Anna Nagy"), ("pl", "Anna Nagy"), ("hu", "Nagy Anna"), ("ru", "Anna Nagy")]
)
def test_english_headings_are_joined_in_the_order_of_the_institute(language, name):
    assert people("First name,Last name,Email\nAnna,Nagy,a@x.test\n", language) == [(name, "a@x.test")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Imię;E-mail", "Joanna;a@x.test"),
        ("Nazwisko;E-mail", "Kubiak;a@x.test"),
        ("Vardas;El. paštas", "Rasa;a@x.test"),
        ("Имя;Почта", "Анна;a@x.test"),
        ("Keresztnév;E-mail", "Anna;a@x.test"),
        ("Vezetéknév;E-mail", "Nagy;a@x.test"),
        ("First name,Email", "Joanna,a@x.test"),
    ],
)
def test_half_of_every_name_is_refused_with_the_heading(header, row):
    with pytest.raises(UnreadableError) as problem:
        read(f"{header}\n{row}\n")
    assert problem.value.code == "half-names"
    assert f"“{header.replace(',', ';').split(';')[0]}”" in why_unreadable(
        problem.value.code, problem.value.about
    )


def test_a_row_with_half_of_a_name_is_refused():
    listing = read(
        "Nazwisko;Imię;Drugie imię;E-mail\nNowak;Anna;;a@x.test\n;Jan;;b@x.test\nKowal;-;;c@x.test\n"
    )
    assert [row.name for row in listing.good] == ["Anna Nowak"]
    assert [(row.reason, row.about) for row in listing.refused] == [
        ("half-name", "Jan"),
        ("half-name", "Kowal"),
    ]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Imię i nazwisko;Adres;E-mail", "Anna Nowak;ul. Długa 5;a@x.test"),
        ("Imię i nazwisko;Adres", "Anna Nowak;a@x.test"),
        ("Név;Cím;E-mail", "Nagy Anna;Fő u. 5.;a@x.test"),
        ("Név;Cím;Levél", "Nagy Anna;Fő u. 5.;a@x.test"),
        ("ФИО;Адрес;Адрес электронной почты", "Нова Анна;Невский 5;a@x.test"),
        ("Name,Address,Email", "Anna Nowak,5 Long Street,a@x.test"),
        ("Name,E-mail,E-mail 2", "Anna Nowak,,a@x.test"),
        ("Name,E-mail,Email address", "Anna Nowak,,a@x.test"),
        ("Name,E-mail,Address", "Anna Nowak,n/a,a@x.test"),
        ("Name,Kontakt", "Anna Nowak,a@x.test"),
    ],
)
def test_the_column_with_addresses_is_the_address(header, row):
    assert [address for _name, address in people(f"{header}\n{row}\n")] == ["a@x.test"]


def test_if_no_column_has_addresses_the_named_one_is_refused_row_by_row():
    assert [row.about for row in read("Név;Cím\nNagy Anna;Fő u. 5.\n").refused] == ["Fő u. 5."]


@pytest.mark.parametrize(
    ("header", "row", "day"),
    [
        (
            "Név;Dátum;Teljesítés napja;E-mail",
            "Nagy Anna;1980-05-05;2026-11-20;a@x.test",
            dt.date(2026, 11, 20),
        ),
        ("Név;Dátum;E-mail", "Nagy Anna;1980-05-05;a@x.test", None),
        ("Név;Dátum;E-mail", "Nagy Anna;2026-11-20;a@x.test", dt.date(2026, 11, 20)),
        (
            "Imię i nazwisko;Data;Data ukończenia;E-mail",
            "Anna Nowak;1.1.1990;20.11.2026;a@x.test",
            dt.date(2026, 11, 20),
        ),
        ("Name,Date,E-mail", "Anna Nowak,Tuesday,a@x.test", None),
    ],
)
def test_a_doubtful_day_is_taken_if_it_can_be_the_day_of_completion(header, row, day):
    [found] = read(f"{header}\n{row}\n").good
    assert found.completed_on == day


def test_a_day_anywhere_in_a_column_decides_whether_the_month_stands_first():
    early = "".join(f"Anna Nowak;a{number}@x.test;11/05/2026\n" for number in range(250))
    listing = read(f"Name;E-mail;Completed on\n{early}Jan Kos;k@x.test;11/20/2026\n")
    assert {row.completed_on for row in listing.rows} == {dt.date(2026, 11, 5), dt.date(2026, 11, 20)}
    assert listing.is_month_first
    assert Listing.from_json(listing.to_json()).is_month_first
    doubtful = read("Name;E-mail;Date\nAnna Nowak;a@x.test;11/20/2026\nJan Kos;k@x.test;11/05/2026\n")
    assert [row.completed_on for row in doubtful.rows] == [dt.date(2026, 11, 20), dt.date(2026, 11, 5)]


def test_in_a_column_with_both_orders_the_unclear_days_are_refused():
    listing = read(
        "Name;E-mail;Completed on\nA B;a@x.test;11/20/2026\nC D;c@x.test;20/11/2026\n"
        "E F;e@x.test;11/05/2026\n"
    )
    assert [row.completed_on for row in listing.good] == [dt.date(2026, 11, 20)] * 2
    assert [(row.reason, row.about) for row in listing.refused] == [("day-or-month", "11/05/2026")]
    assert not listing.is_month_first


def test_the_surer_heading_of_an_occupation_wins():
    [row] = read("Position,Job,Name,Email\n1,Teacher,Anna Nowak,a@x.test\n").good
    assert row.occupation == "teacher"
    [row] = read("Position,Name,Email\nHead of a school,Anna Nowak,a@x.test\n").good
    assert row.occupation == "head"
    [row] = read("Position,Name,Email\n1,Anna Nowak,a@x.test\n").good
    assert row.occupation == ""


def test_a_list_says_what_each_column_was_taken_as():
    listing = read(
        "Lp.;Nazwisko;Imię;Imię i nazwisko;Adres;E-mail\n1;Nowak;Anna;Anna Nowak;Długa 5;a@x.test\n"
    )
    assert listing.roles == ["", "", "", "name", "", "email"]
    listing = read("Nazwisko;Imię;E-mail\nNowak;Anna;a@x.test\n")
    assert listing.roles == ["surname", "given name", "email"]


def test_a_list_says_which_names_were_turned_and_which_were_left():
    listing = read(
        "Nazwisko i imię;E-mail\nNowak Anna;a@x.test\nKubiak Jan;b@x.test\n"
        "Kos Nowak Ewa;c@x.test\nLis Jan;nope\n"
    )
    for found in (listing, Listing.from_json(listing.to_json())):
        assert found.turned == [("Nowak Anna", "Anna Nowak"), ("Kubiak Jan", "Jan Kubiak")]
        assert found.left == ["Kos Nowak Ewa"]
    assert read("Imię i nazwisko;E-mail\nAnna Maria Nowak;a@x.test\n").left == []


def test_a_title_may_stand_above_the_names_of_the_columns():
    text = (
        "Résztvevők listája;;\nKészült: 2026. 11. 20.;;\n;;\nNév;E-mail cím;Iskola\nNagy Anna;a@x.test;Fő\n"
    )
    [row] = read(text).rows
    assert (row.line, row.name) == (5, "Nagy Anna")


def test_an_address_may_bring_its_name_along():
    assert people('Email\n"Anna Nagy <anna@x.test>"\nBéla Kis <bela@x.test>\n'.replace('"', "")) == [
        ("Anna Nagy", "anna@x.test"),
        ("Béla Kis", "bela@x.test"),
    ]
    assert people("Name,Email\nAnna Nagy,Annuska <anna@x.test>\n") == [("Anna Nagy", "anna@x.test")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("hu-HU", "hu"),
        ("pl_PL", "pl"),
        ("pl_PL.UTF-8", "pl"),
        ("LT-lt", "lt"),
        ("ru-RU", "ru"),
        ("en-GB", "en"),
        ("hun", "hu"),
        ("język polski", "pl"),
        ("Русский", "ru"),
        ("lietuvių kalba", "lt"),
    ],
)
def test_a_language_may_be_a_locale_or_its_own_name(typed, code):
    [row] = read(f"name,email,language\nAnna,a@x.test,{typed}\n").rows
    assert row.language == code


@pytest.mark.parametrize("name", ["-", ".", "123", "\u200b", "\u3164", "1.", "…"])
def test_a_name_has_a_letter(name):
    [row] = read(f"name,email\n{name},a@x.test\n").rows
    assert row.reason == "no-name"


def test_an_international_address_is_the_same_in_both_spellings():
    listing = read("name,email\nÁgi,agi@iskola-győr.hu\nÁgi,AGI@xn--iskola-gyr-74b.hu\n")
    assert {row.address for row in listing.good} == {"agi@xn--iskola-gyr-74b.hu"}
    assert len(listing.good) == 2
