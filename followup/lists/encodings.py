"""Detects the encoding of a file. Spreadsheets save CSV in the legacy encodings of their country.

Valid UTF-8 is UTF-8. A legacy encoding is possible if it decodes to characters of its own languages only; if
several are possible and give different texts, the institute's language decides, and if it cannot, the file is
refused. (charset-normalizer reads Lithuanian cp1257 as cp1252, so it is not used.)
"""

import re
import unicodedata

ISO_8859_2_LETTERS = set("áéíóöőúüűąćęłńóśźż")
CP1250_LETTERS = ISO_8859_2_LETTERS | set("äôčďěňřšťůýžâăîșşțţđ")
BALTIC_LETTERS = set("ąčęėįšųūžśćńłźżó")
CYRILLIC_LETTERS = {chr(code) for code in range(0x430, 0x450)} | {"ё"}
PUNCTUATION = set("–—‘’‚“”„…«»•€№§°\u00a0\u00ad")

LETTERS_BY_ENCODING: dict[str, set[str]] = {
    "cp1250": CP1250_LETTERS,
    "iso8859_2": ISO_8859_2_LETTERS,
    "cp1251": CYRILLIC_LETTERS,
    "cp1257": BALTIC_LETTERS,
    "iso8859_13": BALTIC_LETTERS,
}
ENCODINGS_BY_LANGUAGE = {
    "hu": ("cp1250", "iso8859_2"),
    "pl": ("cp1250", "iso8859_2"),
    "lt": ("cp1257", "iso8859_13"),
    "ru": ("cp1251",),
}


class UnreadableError(ValueError):
    """A file of which nothing can be read; `code` is the reason, `about` what the reason refers to."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


def decode(raw: bytes, language: str = "en") -> str:
    """The text of a file. Raises UnreadableError if it is not text or its encoding is ambiguous."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_strictly(raw, "utf-16")
    if b"\0" in raw:
        raise UnreadableError("not-text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_legacy(raw, language)


def _decode_strictly(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError("not-text") from None
    if "\0" in text:
        raise UnreadableError("not-text")
    return text


def _decode_legacy(raw: bytes, language: str) -> str:
    possible: dict[str, str] = {}
    for encoding, letters in LETTERS_BY_ENCODING.items():
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_plausible(text, letters):
            possible[encoding] = text
    if len(set(possible.values())) > 1:
        possible = {
            encoding: possible[encoding]
            for encoding in ENCODINGS_BY_LANGUAGE.get(language, ())
            if encoding in possible
        }
    texts = list(dict.fromkeys(possible.values()))
    if not texts or len(texts) > 1:
        raise UnreadableError("letters")
    return texts[0]


def _is_plausible(text: str, letters: set[str]) -> bool:
    """Whether every non-ASCII character is one of these languages, and no word mixes two scripts."""
    non_ascii = {char.lower() for char in text if ord(char) > 127} - PUNCTUATION
    if not non_ascii <= letters:
        return False
    return letters is not CYRILLIC_LETTERS or not any(
        _mixes_scripts(word) for word in re.findall(r"[^\W\d_]+", text)
    )


def _mixes_scripts(word: str) -> bool:
    return len({unicodedata.name(char, "").split()[0] for char in word}) > 1
