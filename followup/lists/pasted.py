"""People in a line of text, however it was copied: from a mail, a table, a numbered list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from common.addresses import addresses_in
from common.text import clean_line, has_letter
from community.people.models import Occupation
from followup.lists.columns import normalize, occupation_of
from followup.lists.headings import UNKNOWN, column_of
from followup.lists.naming import clean_name, join_name, turn_name
from followup.lists.reasons import Reason

OTHER_WORDS = (
    "iskola iskolaja isk suli gimnazium gimnaziuma gimn ovoda ovodaja ovi technikum technikuma szakgimnazium "
    "szki kollegium kollegiuma egyetem altalanos utca varos "
    "szkola szkoly szkole podstawowa liceum przedszkole przedszkola zespol zso zsp sp uniwersytet ul gmina "
    "mokykla mokyklos progimnazija progimnazijos gimnazija gimnazijos darzelis darzelio universitetas "
    "savivaldybe savivaldybes "
    "школа школы гимназия гимназии лицей лицея сош сад мбоу моу университет улица "
    "school kindergarten preschool college academy university lyceum street "
    "tel telefon telefonszam phone mobile mobil mob kom тел телефон "
    "tanar tanarno tanito tanitono pedagogus ovono ovodapedagogus igazgato igazgatoja igazgatohelyettes "
    "konyvtaros titkar "
    "nauczyciel nauczycielka nauczyciele pedagog dyrektor dyrektorka wicedyrektor wychowawca wychowawczyni "
    "bibliotekarz bibliotekarka "
    "mokytojas mokytoja pedagogas pedagoge direktorius direktore pavaduotojas pavaduotoja aukletojas "
    "aukletoja bibliotekininkas bibliotekininke "
    "учитель учительница преподаватель преподавательница воспитатель педагог директор завуч библиотекарь "
    "teacher headteacher principal librarian trainer director"
)
"""Words of schools, places, telephones and jobs: what has one of them is not the name of a person."""
MAX_PIECES = 12
"""Pieces of a line, between commas and tabs, that are looked at."""
PATRONYMIC = re.compile(r"\w+(?:вна|ична|вич|ыч|ич)", re.IGNORECASE)

_other_words = {normalize(word) for word in OTHER_WORDS.split()}
_people = (re.compile(r"(?<=>)\s*[,;]"), re.compile(r";"), re.compile(r","))
_fields = re.compile(r"[\t;|]")
_fields_and_dashes = re.compile(r"[\t;|]|(?:^|\s)[-–—](?=\s|$)")
_telephone = re.compile(r"\+?\(?\d[\d\s()/.–-]{5,30}\d")
_separator = re.compile(r"[\t;|,]")
_remark = re.compile(r"\([^()]*\)")
_around_address = "([{<\"'„“”«»"
_after_address = ")]}>\"'“”«»"
_around_words = " \t,;|" + _around_address + ">"


@dataclass(frozen=True)
class Person:
    """A name and an address, or the reason why a line has none."""

    name: str = ""
    address: str = ""
    reason: str = ""
    about: str = ""
    typed: tuple[str, str] = ("", "")
    """The words of a line that has a reason: its addresses as they were typed, and the rest."""


def people_in(line: str, language: str = "en") -> Iterator[Person]:
    """The people in a line of text: usually one, or several with an address each. None in an empty line.

    `language` decides the order of a name with a comma in it.
    """
    if not line.strip():
        return
    if _count(line) < 2:
        yield _person_or_words(line, language)
        return
    for separator in _people:
        pieces = [piece for piece in separator.split(line) if piece.strip()]
        if all(_count(piece) == 1 for piece in pieces):
            yield from (_person_or_words(piece, language) for piece in pieces)
            return
    yield Person(reason=Reason.TWO_ADDRESSES, about=line.strip()[:80], typed=_words_of(line))


def _person_or_words(line: str, language: str) -> Person:
    """The person in a line with one address at most; with the words of the line if it is refused."""
    person = _person(line, language)
    return replace(person, typed=_words_of(line)) if person.reason else person


def _words_of(line: str) -> tuple[str, str]:
    """The addresses in a line as they were typed, and the rest of it, so that both can be mended."""
    rest, addresses, end = [], [], 0
    for start, after, _address in addresses_in(line):
        rest.append(line[end:start])
        addresses.append(line[start:after])
        end = after
    rest.append(line[end:])
    pieces = (clean_line(piece).strip(_around_words) for piece in rest)
    return ", ".join(dict.fromkeys(addresses)), " ".join(piece for piece in pieces if piece)


def _count(line: str) -> int:
    """How many different addresses there are in a line."""
    return len({address or line[start:end] for start, end, address in addresses_in(line)})


def _person(line: str, language: str) -> Person:
    found = addresses_in(line)
    if not found:
        return Person(line.strip()[:80], reason=Reason.NO_ADDRESS)
    start, end, address = found[0]
    if not address:
        return Person(reason=Reason.NOT_AN_ADDRESS, about=line[start:end][:100])
    before, after = line[:start].rstrip(_around_address), line[found[-1][1] :].lstrip(_after_address)
    if len(found) > 1:
        # The same address twice, as in a link whose text is the address.
        between = line[end : found[-1][0]].strip(_around_address + _after_address)
        before = f"{before}|{between}"
    if line[start - 1 : start] == "<":
        # Anna Nagy <anna@school.example>: what stands before is surely the name, if it is a whole one.
        near = _name_in(_separator.split(before)[-1], is_first=True)
        if " " in near:
            return Person(near, address)
    has_dashes = before.rstrip()[-1:] in tuple("-–—") or after.lstrip()[:1] in tuple("-–—")
    separator = _fields_and_dashes if has_dashes else _fields
    fields = [field for field in separator.split(_telephone.sub("|", f"{before}|{after}")) if field.strip()]
    candidates = _candidates(fields, language)
    if not candidates:
        rest = clean_name(f"{before} {after}")
        reason = Reason.UNCLEAR_NAME if has_letter(rest) else Reason.NO_NAME
        return Person(address=address, reason=reason, about=rest[:80])
    name = _name_of(candidates)
    if name is None:
        return Person(address=address, reason=Reason.UNCLEAR_NAME, about=" | ".join(candidates)[:80])
    return Person(name, address)


def _candidates(fields: list[str], language: str) -> list[str]:
    """What may be the name, or a part of it, in these fields of a line."""
    candidates: list[str] = []
    left = MAX_PIECES
    for number, field in enumerate(fields):
        without = _remark.sub(" ", field)
        field = without if has_letter(without) else field
        pieces = [piece for piece in field.split(",") if piece.strip()][:left]
        left -= len(pieces)
        names = [
            name
            for place, piece in enumerate(pieces)
            if (name := _name_in(piece, is_first=number == place == 0))
        ]
        if len(pieces) > 1 and len(names) == 2 and not any(" " in name for name in names):
            names = [turn_name(", ".join(names), UNKNOWN, language)]
        candidates += names
    return candidates


def _name_in(piece: str, *, is_first: bool) -> str:
    """A piece of a line without the marks of a list, or nothing if it is something else than a name."""
    label, colon, value = piece.partition(":")
    if colon and has_letter(value) and " " not in label.strip():
        piece = value
    name = clean_name(piece)
    # A postal code before a town looks like the number of a line, which only the first piece has.
    has_digits = any(map(str.isdigit, name if is_first else piece))
    if has_digits or not has_letter(name) or "://" in name or "@" in name or name.lower().startswith("www."):
        return ""
    words = set(re.findall(r"[^\W_]+", normalize(name)))
    if words & _other_words or column_of(name) or occupation_of(name) != Occupation.OTHER:
        return ""
    return name


def _name_of(candidates: list[str]) -> str | None:
    """The name among what may be one; None if it is not clear.

    Of two candidates of several words each may be a person, a school or a job that we have no word for.
    """
    if len({normalize(name) for name in candidates if " " in name}) > 1:
        return None
    alone = next((number for number, name in enumerate(candidates) if " " in name), len(candidates))
    if alone == len(candidates) and len(candidates) == 3 and PATRONYMIC.fullmatch(candidates[-1]):
        return join_name(candidates)
    if alone < len(candidates):
        return candidates[alone] if alone < 2 else None
    return join_name(candidates) if alone <= 2 else None
