"""Which letters the bytes of a file are. Spreadsheets save in the old encodings of their country.

UTF-8 proves itself. Of the old ones, each that gives nothing but letters of its own languages is possible;
if that leaves several different texts, the institute's language decides, and if it cannot, we ask for UTF-8.
"""

import re
import unicodedata

OURS = set("áéíóöőúüűąćęłńóśźż")
MIDDLE = OURS | set("äôčďěňřšťůýžâăîșşțţđ")
BALTIC = set("ąčęėįšųūžśćńłźżó")
CYRILLIC = {chr(code) for code in range(0x430, 0x450)} | {"ё"}
SIGNS = set("–—‘’‚“”„…«»•€№§°\u00a0\u00ad")

LETTERS: dict[str, set[str]] = {
    "cp1250": MIDDLE,
    "iso8859_2": OURS,
    "cp1251": CYRILLIC,
    "cp1257": BALTIC,
    "iso8859_13": BALTIC,
}
USUAL = {
    "hu": ("cp1250", "iso8859_2"),
    "pl": ("cp1250", "iso8859_2"),
    "lt": ("cp1257", "iso8859_13"),
    "ru": ("cp1251",),
}


class UnreadableError(ValueError):
    """A file of which nothing can be taken; `code` says why, `about` what it is about."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


def decode(raw: bytes, language: str = "en") -> str:
    """The text of a file. UnreadableError when it is no text, or in letters we cannot be sure of."""
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableError("workbook")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(raw, "utf-16")
    if b"\0" in raw:
        raise UnreadableError("not-text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guessed(raw, language)


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError("not-text") from None
    if "\0" in text:
        raise UnreadableError("not-text")
    return text


def _guessed(raw: bytes, language: str) -> str:
    possible: dict[str, str] = {}
    for encoding, letters in LETTERS.items():
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _could_be(text, letters):
            possible[encoding] = text
    if len(set(possible.values())) > 1:
        possible = {
            encoding: possible[encoding] for encoding in USUAL.get(language, ()) if encoding in possible
        }
    texts = list(dict.fromkeys(possible.values()))
    if not texts or len(texts) > 1:
        raise UnreadableError("letters")
    return texts[0]


def _could_be(text: str, letters: set[str]) -> bool:
    """Whether all that is not ASCII is a letter or sign of these languages, and no word mixes two scripts."""
    strange = {sign.lower() for sign in text if ord(sign) > 127} - SIGNS
    if not strange <= letters:
        return False
    return letters is not CYRILLIC or not any(_mixes(word) for word in re.findall(r"[^\W\d_]+", text))


def _mixes(word: str) -> bool:
    return len({unicodedata.name(sign, "").split()[0] for sign in word}) > 1
