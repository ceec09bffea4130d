"""Search text: the same on every database, whatever its collation knows of our alphabets."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that NFKD does not decompose, although people who search leave the mark out."""
STEMMERS = {"en": "english", "hu": "hungarian", "lt": "lithuanian", "pl": "polish", "ru": "russian"}
"""The Snowball algorithm of each language we write in."""

_word = re.compile(r"[^\W_]+")
_thread = threading.local()


def fold(text: str) -> str:
    """Lowercase without diacritics: "Šiaulių Łódź, ёлка" is found by "siauliu lodz elka"."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(LETTERS)


def search_text(text: str, language: str) -> str:
    """What a full-text index reads of a text: its folded words in order, and on a second line the sorted
    folded stems that are not among them.

    A query matches a word by `folded* OR stem*`. Text in a language without a stemmer has words only.
    """
    found = _word.findall(unicodedata.normalize("NFC", text))
    words = [fold(word) for word in found]
    stems = dict.fromkeys(stem(word, language) for word in found)
    missing = [one for one in stems.keys() - set(words) if one]
    return "\n".join([" ".join(words), " ".join(sorted(missing))]).strip()


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """The folded stem of one word; the folded word itself where the language has no stemmer."""
    if language not in STEMMERS:
        return fold(word)
    return fold(_stemmer(language).stemWord(word.casefold()))


def _stemmer(language: str) -> snowballstemmer.stemmer:
    """This thread's stemmer of a language. A stemmer keeps the word it works on: threads cannot share one."""
    stemmers = _thread.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return stemmers[language]


def parts_of(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """A text cut where folded words occur in it: each part, and whether it is a match."""
    folded, origin = "", []
    for position, char in enumerate(text):
        folded_char = fold(char)
        folded += folded_char
        origin += [position] * len(folded_char)
    found = [False] * len(text)
    for word in filter(None, words):
        start = folded.find(word)
        while start >= 0:
            for position in range(origin[start], origin[start + len(word) - 1] + 1):
                found[position] = True
            start = folded.find(word, start + len(word))
    parts: list[tuple[str, bool]] = []
    for char, is_found in zip(text, found, strict=True):
        if parts and parts[-1][1] == is_found:
            parts[-1] = (parts[-1][0] + char, is_found)
        else:
            parts.append((char, is_found))
    return parts
