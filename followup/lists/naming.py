"""Names of people as lists have them: in several columns, surname first, with a comma, with marks around.

Which word of a name is the surname is never guessed. It is known from the headings, or from a comma.
"""

import re
from collections.abc import Sequence

from common.text import clean_line, has_letter
from followup.lists.columns import SURNAME, normalize
from followup.lists.headings import Heading

GIVEN_NAME_FIRST = {"en", "lt", "pl"}
"""Languages in which the given name stands first. Hungarian and Russian lists have the surname first, and so
do people there say a whole name."""
TITLES = {
    *("dr", "drs", "mgr", "inz", "prof", "hab", "lic", "doc", "ks", "phd", "ma", "ba", "msc", "bsc", "med"),
    *("jr", "sr", "ifj", "id", "ozv", "mr", "mrs", "ms", "pan", "pani", "канд"),
}
"""They stay before the name when it is turned, and after a comma they are no given name."""
PARTICLES = {
    *(
        "mc",
        "mac",
        "fitz",
        "van",
        "von",
        "vander",
        "vom",
        "zu",
        "zum",
        "zur",
        "de",
        "der",
        "den",
        "del",
        "della",
    ),
    *(
        "di",
        "da",
        "dos",
        "das",
        "du",
        "des",
        "la",
        "le",
        "el",
        "al",
        "ter",
        "ten",
        "te",
        "st",
        "saint",
        "san",
    ),
    *("де", "ван", "фон", "дер"),
}
"""Words that begin a surname, also with a capital."""

_EDGES = " -–—―‐‑→⇒…•·◦▪▫●○■□✓✔☑☐➢➤►*+#>|/\\:;,=~_"
_marks = re.compile(
    rf"(?:[{re.escape(_EDGES)}]"
    # The number or the letter of an entry, or a box to tick.
    r"|\(?\d{1,5}[.):/\]]{1,2}|№\s?\d{1,5}|\d{1,3}\s|[a-z]\)|\[[ x]?\])+",
    re.IGNORECASE,
)
_spaced_dash = re.compile(r"(?<=[^\W\d_])(?:\s+[-‐‑–—]\s*|[-‐‑–—]\s+)(?=[^\W\d_])")
_particle_end = ("'", "’", "`")
_double = re.compile(r"[^\W\d_][-‐‑–—][^\W\d_]")
_given_name = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*")
_PAIRS = [
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("<", ">"),
    ('"', '"'),
    ("„", "”"),
    ("„", "“"),
    ("“", "”"),
    ("«", "»"),
]


def clean_name(text: str) -> str:
    """A name without the marks of a list before it and the punctuation around it."""
    name, before = text, None
    while name != before:
        before = name
        name = clean_line(name).rstrip(_EDGES)
        if marks := _marks.match(name):
            name = name[marks.end() :]
        name = _without_pair(name)
    return name


def _without_pair(name: str) -> str:
    """The name without brackets or quotation marks that enclose it, or of which it has one only."""
    for opening, closing in _PAIRS:
        inside = name.removeprefix(opening).removesuffix(closing)
        if inside != name and opening not in inside and closing not in inside:
            return inside
    return name


def join_name(parts: Sequence[str]) -> str:
    """The whole name of its parts, in this order."""
    return " ".join(part for part in parts if has_letter(part))


def turn_name(name: str, heading: Heading, language: str) -> str:
    """A name in the order in which its language says it, if it is known to be in the other one.

    "Kazlauskienė, Rūta" is "Rūta Kazlauskienė", and so is "Kazlauskienė Rūta" below a heading that says that
    the surname comes first, unless it has more words and it is not certain where the surname ends: then it
    stays as it was written. In Hungarian and Russian the surname stays first and loses its comma.
    """
    given_first = _is_given_first(heading, language)
    says_surname_first = _says_surname_first(heading)
    titles, rest = _without_titles(name)
    surname, comma, given = (piece.strip() for piece in rest.partition(","))
    if comma:
        if not _is_inverted(surname, given):
            return name
        if heading.has_comma and heading.order and not says_surname_first:
            return join_name([titles, surname, given])
    elif says_surname_first and given_first:
        surname, given = _split_after_surname(rest)
        if not _is_certain(surname, given, rest):
            return name
    else:
        return name
    return join_name([titles, given, surname] if given_first else [titles, surname, given])


def is_left(name: str, heading: Heading, language: str) -> bool:
    """Whether a name that was not turned may still have its surname first, unlike people say it."""
    return _says_surname_first(heading) and _is_given_first(heading, language) and " " in name


def _says_surname_first(heading: Heading) -> bool:
    return heading.order[:1] == (SURNAME,)


def _is_given_first(heading: Heading, language: str) -> bool:
    return (heading.language or language) in GIVEN_NAME_FIRST


def _is_inverted(surname: str, given: str) -> bool:
    """Whether the two sides of a comma are a surname and what stands before it, not a name and a remark."""
    return (
        has_letter(surname)
        and has_letter(given)
        and "," not in given
        and _split_after_surname(surname)[1] == ""
        and not any(char.isdigit() for char in given)
        and not _is_title(given.split()[0])
    )


def _split_after_surname(name: str) -> tuple[str, str]:
    """The first word of a name with what surely belongs to it, and the rest.

    That are the particles before it ("van der Berg"), a second surname after a dash or in brackets, and the
    words in capitals after one in capitals if others are not.
    """
    words = _spaced_dash.sub("-", name).split()
    count = next((number for number, word in enumerate(words, 1) if not _is_particle(word)), len(words))
    capitals = next((number for number, word in enumerate(words) if not word.isupper()), len(words))
    if capitals < len(words) and not any(map(str.isupper, words[capitals:])):
        count = max(count, capitals)
    if words[count : count + 1] and words[count].startswith("("):
        closed = (number for number, word in enumerate(words[count:], count + 1) if word.endswith(")"))
        count = next(closed, len(words))
    return " ".join(words[:count]), " ".join(words[count:])


def _is_certain(surname: str, given: str, name: str) -> bool:
    """Whether a name is surely cut after its surname: one word is left, or the surname shows its end.

    Of "Kowalska Nowak Ewa" and "Kowalska Anna Ewa" nobody knows. A dash that was spaced and is not in the
    surname may stand before a town.
    """
    words = given.split()
    is_plain = all(_given_name.fullmatch(word) and not _is_title(word) for word in words)
    is_initial = len(surname.strip(".")) == 1
    if not words or not is_plain or is_initial or given not in name:
        return False
    shows_end = _double.search(surname) or (surname.isupper() and not any(map(str.isupper, words)))
    return len(words) == 1 or bool(shows_end) or surname.endswith(")")


def _is_particle(word: str) -> bool:
    return word.islower() or word.endswith(_particle_end) or normalize(word) in PARTICLES


def _without_titles(name: str) -> tuple[str, str]:
    words = name.split()
    count = next((number for number, word in enumerate(words) if not _is_title(word)), 0)
    return " ".join(words[:count]), " ".join(words[count:])


def _is_title(word: str) -> bool:
    return normalize(word.strip(",;")) in TITLES
