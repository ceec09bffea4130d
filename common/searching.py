"""Search text: the same on every database, whatever its collation knows of our alphabets."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

PLAIN_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"}
"""Letters that NFKD does not decompose, although people search without the diacritic. The browser gets this
table with the names that it searches."""
LETTERS = str.maketrans(PLAIN_LETTERS)
STEMMERS = {"en": "english", "hu": "hungarian", "lt": "lithuanian", "pl": "polish", "ru": "russian"}
"""The Snowball algorithm of each language of the product."""

_word = re.compile(r"[^\W_]+")
_between_words = re.compile(r"[\s\-\u2010-\u2015.,()]+")
_thread = threading.local()


def normalize(text: str) -> str:
    """Lowercase and strip diacritics: "Šiaulių Łódź, ёлка" is found by "siauliu lodz elka"."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(LETTERS)


fold = normalize
"""The former name, which migrations import."""


def name_matches(name: str, typed: str) -> bool:
    """Whether each word of what was typed begins a word of the name, whatever case and diacritics."""
    words = [word for word in _between_words.split(normalize(name)) if word]
    return all(
        any(word.startswith(beginning) for word in words)
        for beginning in _between_words.split(normalize(typed))
    )


def search_text(text: str, language: str) -> str:
    """What a full-text index reads of a text: its normalized words in order, and on a second line the sorted
    normalized stems that are not among them.

    A query matches a word by `word* OR stem*`. Text in a language without a stemmer has words only.
    """
    found = _word.findall(unicodedata.normalize("NFC", text))
    words = [normalize(word) for word in found]
    stems = dict.fromkeys(stem(word, language) for word in found)
    missing = filter(None, stems.keys() - set(words))
    return "\n".join([" ".join(words), " ".join(sorted(missing))]).strip()


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """The normalized stem of a word; the normalized word itself where the language has no stemmer."""
    if language not in STEMMERS:
        return normalize(word)
    return normalize(_stemmer(language).stemWord(word.casefold()))


def _stemmer(language: str) -> snowballstemmer.stemmer:
    """This thread's stemmer of a language. A stemmer has mutable state, so threads cannot share one."""
    stemmers = _thread.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return stemmers[language]


def split_at_matches(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """Split a text into parts, each with whether it matches one of the normalized words."""
    normalized, origin = "", []
    for position, char in enumerate(text):
        normalized_char = normalize(char)
        normalized += normalized_char
        origin += [position] * len(normalized_char)
    found = [False] * len(text)
    for word in filter(None, words):
        start = normalized.find(word)
        while start >= 0:
            for position in range(origin[start], origin[start + len(word) - 1] + 1):
                found[position] = True
            start = normalized.find(word, start + len(word))
    parts: list[tuple[str, bool]] = []
    for char, is_found in zip(text, found, strict=True):
        if parts and parts[-1][1] == is_found:
            parts[-1] = (parts[-1][0] + char, is_found)
        else:
            parts.append((char, is_found))
    return parts
