"""The columns of a completion list and their names, which `docs/completions.md` documents."""

import re
import unicodedata
from functools import cache

from django.conf import settings
from django.utils import translation

from community.people.models import Occupation

EMAIL, NAME, SURNAME, GIVEN, MIDDLE = "email", "name", "surname", "given name", "middle name"
COMPLETED_ON, OCCUPATION, LANGUAGE = "completed_on", "occupation", "language"
IGNORED = "reason"
"""The column that our file of refused rows adds. It is ignored when that file is uploaded again."""

NAMES: dict[str, tuple[str, ...]] = {
    EMAIL: (
        "email", "email address", "mail address",
        "e-mail cím", "elektronikus levélcím",
        "adres e-mail", "adres mailowy", "poczta elektroniczna", "adres poczty elektronicznej",
        "el. paštas", "e. paštas", "elektroninis paštas", "el. pašto adresas", "elektroninio pašto adresas",
        "эл. почта", "электронная почта", "адрес электронной почты", "эл. адрес", "электронный адрес",
        "емейл", "имейл", "e-mail адрес", "адрес e-mail",
    ),
    NAME: ("full name", "teljes név"),
    COMPLETED_ON: (
        "completed on", "completed", "completion date", "date completed", "date of completion",
        "completion time", "time completed", "course completed",
        "teljesítés", "teljesítés napja", "teljesítés dátuma", "teljesítés ideje", "elvégzés dátuma",
        "befejezés", "befejezés dátuma",
        "data ukończenia", "ukończono", "data zakończenia",
        "data ukończenia szkolenia", "data ukończenia kursu",
        "baigimo data", "baigė", "data baigimo", "kursų baigimo data", "kurso baigimo data",
        "дата завершения", "завершение", "дата окончания", "дата завершения курса", "дата окончания курса",
        "дата завершения обучения", "дата окончания обучения",
    ),
    OCCUPATION: (
        "occupation", "job", "profession", "job title",
        "foglalkozás", "munkakör", "beosztás",
        "zawód", "stanowisko",
        "pareigos", "profesija", "užsiėmimas",
        "должность", "занятие", "профессия",
    ),
    LANGUAGE: ("language", "lang", "nyelv", "język", "kalba", "язык"),
    IGNORED: ("reason", "ok", "indoklás", "miért nem", "powód", "priežastis", "причина"),
}  # fmt: skip
"""Headings that mean one column, however they are spaced and punctuated."""

DOUBTFUL_NAMES: dict[str, tuple[str, ...]] = {
    EMAIL: ("mail", "address", "cím", "adres", "adresas", "paštas", "почта", "адрес"),
    COMPLETED_ON: ("date", "dátum", "data", "дата"),
    OCCUPATION: ("position", "role", "pozíció", "pozycja", "funkcja", "pozicija"),
}  # fmt: skip
"""Headings that may mean another thing as well: what stands below them decides."""

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

LANGUAGE_WORDS = {
    "magyar": "hu", "magyar nyelv": "hu", "hun": "hu",
    "polski": "pl", "język polski": "pl", "pol": "pl",
    "lietuvių": "lt", "lietuvių kalba": "lt", "lit": "lt",
    "русский": "ru", "русский язык": "ru", "rus": "ru",
    "english": "en", "eng": "en",
}  # fmt: skip
"""The languages by their own names and by their codes of three letters."""
MAX_WORD_LENGTH = 100
"""Characters of a cell that are compared with our words."""
_locale = re.compile(r"([a-z]{2,3})[- ][a-z]{2,4}(?:[. @].*)?")


def normalize(text: str) -> str:
    """The text without case, accents and repeated spaces, for comparison."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("_", " "))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split()).strip(" :*.")


@cache
def _words_for(kind: str) -> dict[str, str]:
    """The accepted spellings of a language or occupation: its code, or its word in any of our languages."""
    choices = settings.LANGUAGES if kind == "language" else Occupation.choices
    words = {normalize(code): code for code, _label in choices}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            words |= {normalize(str(label)): code for code, label in choices}
    if kind == "language":
        words |= {normalize(word): code for word, code in LANGUAGE_WORDS.items()}
    else:
        words |= {normalize(word): code for code, synonyms in OCCUPATION_WORDS.items() for word in synonyms}
    return words


def language_of(text: str) -> str | None:
    """The code of a language written as word, code or locale (hu-HU); None for an unsupported one."""
    words, word = _words_for("language"), normalize(text[:MAX_WORD_LENGTH])
    return words.get(word) or words.get(_locale.sub(r"\1", word))


def occupation_of(text: str) -> str:
    """The code of an occupation; "other" for an unknown one."""
    return _words_for("occupation").get(normalize(text[:MAX_WORD_LENGTH]), Occupation.OTHER)
