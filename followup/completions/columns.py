"""The columns of a completion list and their names, which `docs/completions.md` documents."""

import unicodedata
from functools import cache

from django.conf import settings
from django.utils import translation

from community.people.models import Occupation

REQUIRED = ("email", "name")
IGNORED = "reason"
"""The column that our file of refused rows adds. It is ignored when that file is uploaded again."""

NAMES: dict[str, tuple[str, ...]] = {
    "email": (
        "email", "e-mail", "e-mail address", "email address", "mail", "address",
        "e-mail cím", "email cím", "e-mail-cím", "cím",
        "adres e-mail", "adres email", "adres", "adres mailowy",
        "el. paštas", "el paštas", "elektroninis paštas", "el. pašto adresas", "paštas",
        "эл. почта", "электронная почта", "почта", "адрес электронной почты", "адрес", "емейл",
    ),
    "name": (
        "name", "full name",
        "név", "teljes név",
        "imię i nazwisko", "nazwisko i imię", "nazwisko",
        "vardas ir pavardė", "vardas, pavardė", "vardas pavardė", "pavardė, vardas", "vardas",
        "имя", "фио", "ф.и.о.", "имя и фамилия", "фамилия и имя", "фамилия, имя, отчество",
    ),
    "completed_on": (
        "completed_on", "completed on", "completed", "completion date", "date",
        "teljesítés", "teljesítés napja", "teljesítés dátuma", "dátum",
        "data ukończenia", "ukończono", "data",
        "baigimo data", "baigė", "data baigimo",
        "дата завершения", "завершение", "дата окончания", "дата",
    ),
    "occupation": (
        "occupation", "job", "position",
        "foglalkozás", "munkakör", "beosztás",
        "zawód", "stanowisko",
        "pareigos", "profesija", "užsiėmimas",
        "должность", "занятие", "профессия",
    ),
    "language": (
        "language", "lang",
        "nyelv",
        "język",
        "kalba",
        "язык",
    ),
    IGNORED: ("reason", "ok", "indoklás", "miért nem", "powód", "priežastis", "причина"),
}  # fmt: skip

OCCUPATION_WORDS: dict[str, tuple[str, ...]] = {
    Occupation.TEACHER: ("nauczyciel", "nauczycielka", "mokytojas", "mokytoja"),
    Occupation.HEAD: (
        "dyrektor", "dyrektorka", "dyrektor szkoły", "dyrektorka szkoły", "wicedyrektor",
        "direktorius", "direktorė", "mokyklos vadovas", "mokyklos vadovė",
        "mokyklos direktorius", "mokyklos direktorė",
        "direktoriaus pavaduotojas", "direktoriaus pavaduotoja",
    ),
    Occupation.PRESCHOOL: (
        "nauczyciel przedszkola", "nauczycielka przedszkola", "wychowawca przedszkolny",
        "ikimokyklinio ugdymo pedagogas", "ikimokyklinio ugdymo pedagogė",
        "ikimokyklinio ugdymo mokytojas", "ikimokyklinio ugdymo mokytoja",
        "auklėtojas", "auklėtoja",
    ),
    Occupation.MUNICIPAL: ("savivaldybės švietimo specialistas", "savivaldybės švietimo specialistė"),
    Occupation.TEACHER_CENTRE: (
        "doradca metodyczny", "doradczyni metodyczna", "konsultant", "konsultantka",
        "mokytojų centro specialistas", "mokytojų centro specialistė",
    ),
    Occupation.LIBRARIAN: (
        "bibliotekarz", "bibliotekarka",
        "bibliotekininkas", "bibliotekininkė", "mokyklos bibliotekininkas", "mokyklos bibliotekininkė",
    ),
    Occupation.TRAINER: (
        "trener", "trenerka", "szkoleniowiec", "prowadzący", "prowadząca",
        "lektorius", "lektorė",
    ),
}  # fmt: skip
"""Feminine and masculine words for occupations whose label in our translations is neutral."""


def normalize(text: str) -> str:
    """The text without case, accents and repeated spaces, for comparison."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("_", " "))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split()).strip(" :*.")


_COLUMNS = {normalize(name): column for column, names in NAMES.items() for name in names}


def column_of(heading: str) -> str | None:
    """The column with this heading, if any."""
    return _COLUMNS.get(normalize(heading))


@cache
def _words_for(kind: str) -> dict[str, str]:
    """The accepted spellings of a language or occupation: its code, or its word in any of our languages."""
    choices = settings.LANGUAGES if kind == "language" else Occupation.choices
    words = {normalize(code): code for code, _label in choices}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            words |= {normalize(str(label)): code for code, label in choices}
    if kind == "language":
        own_names = {"magyar": "hu", "polski": "pl", "lietuvių": "lt", "русский": "ru", "english": "en"}
        words |= {normalize(word): code for word, code in own_names.items()}
    else:
        words |= {normalize(word): code for code, synonyms in OCCUPATION_WORDS.items() for word in synonyms}
    return words


def language_of(text: str) -> str | None:
    """The code of a language written as code or word; None for an unsupported one."""
    return _words_for("language").get(normalize(text))


def occupation_of(text: str) -> str:
    """The code of an occupation; "other" for an unknown one."""
    return _words_for("occupation").get(normalize(text), Occupation.OTHER)
