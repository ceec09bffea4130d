"""Texts as they are searched: the same on every database, whatever its collation knows of our alphabets."""

import unicodedata

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that are no letter with a sign, though people who search leave the sign out."""


def fold(text: str) -> str:
    """Small letters without their signs: "Šiaulių Łódź, ёлка" is found by "siauliu lodz elka"."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).translate(LETTERS)


def parts_of(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """A text cut where folded words are found in it: each part, and whether it is one of them."""
    folded, origin = "", []
    for place, sign in enumerate(text):
        as_searched = fold(sign)
        folded += as_searched
        origin += [place] * len(as_searched)
    found = [False] * len(text)
    for word in filter(None, words):
        start = folded.find(word)
        while start >= 0:
            for place in range(origin[start], origin[start + len(word) - 1] + 1):
                found[place] = True
            start = folded.find(word, start + len(word))
    parts: list[tuple[str, bool]] = []
    for sign, is_found in zip(text, found, strict=True):
        if parts and parts[-1][1] == is_found:
            parts[-1] = (parts[-1][0] + sign, is_found)
        else:
            parts.append((sign, is_found))
    return parts
