"""What a typed or pasted text may contain. Every text that enters goes through here, wherever it comes from.

Characters that nobody can see or mean are removed: control characters, halves of a character, bidirectional
overrides, zero-width characters. Line breaks of other systems become line feeds. Everything else stays.
"""

import re
import unicodedata

MAX_MARKS_IN_A_ROW = 30
"""Combining marks on one letter, as the Stream-Safe Text Format (UAX #15) limits them: Unicode normalization
takes time quadratic in their number."""

# Bidirectional embeddings, overrides and isolates; zero-width and deprecated format characters; soft hyphen;
# noncharacters. Those of the first plane have a class of their own, which `re` matches much faster.
_INVISIBLE = (
    r"\u202a-\u202e\u2066-\u2069\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"
    r"\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"
)
_INVISIBLE_ABOVE = (
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff"
    r"\U000e01f0-\U000e0fff"
) + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
_CONTROLS = r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
_BREAKS = r"\r\v\f\x85\u2028\u2029"
_MARKS_OF_DIRECTION = r"\u200e\u200f"
_JOINERS = r"\u200c\u200d\ufe00-\ufe0f"
_JOINERS_ABOVE = r"\U000e0020-\U000e007f\U000e0100-\U000e01ef"
# They look like nothing or like a space, although Unicode calls them letters or symbols.
_FILLERS = r"\u115f\u1160\u3164\uffa0\u2800"

_PICTURES = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff"
)
_SCRIPTS_THAT_JOIN = (
    r"\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\ufb50-\ufdcf\ufe70-\ufefc"
)
_IDEOGRAPHS = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def _as_ranges(codes: list[int]) -> str:
    """Code points as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_MARKS = _as_ranges([code for code in range(0x300, 0x10000) if unicodedata.combining(chr(code))])
_MARKS_ABOVE = _as_ranges([code for code in range(0x10000, 0x1E950) if unicodedata.combining(chr(code))])

_line_break = re.compile(rf"\r\n|[{_BREAKS}]")
_removed = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_INVISIBLE_ABOVE}]")
_kept_joiner = (
    rf"(?:(?:(?<=[{_PICTURES}])|(?<=[{_PICTURES}]\ufe0f))\u200d(?=[{_PICTURES}])"
    rf"|(?<=[{_SCRIPTS_THAT_JOIN}])[\u200c\u200d]"
    rf"|(?<=[0-9#*{_PICTURES}])[\ufe0e\ufe0f]"
    rf"|(?<=[{_IDEOGRAPHS}\u1800-\u18af\u2200-\u22ff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    # The flags of England, Scotland and Wales: letters that only a machine reads, up to their end.
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,8}\U000e007f)"
)
_joiner = re.compile(rf"({_kept_joiner})|[{_JOINERS}{_JOINERS_ABOVE}]")
_pile_of_marks = re.compile(rf"([{_MARKS}{_MARKS_ABOVE}]{{{MAX_MARKS_IN_A_ROW}}})[{_MARKS}{_MARKS_ABOVE}]+")
# What the four patterns above may change, and for the sake of speed all characters of the higher planes.
_notable = re.compile(rf"[{_CONTROLS}{_INVISIBLE}{_BREAKS}{_JOINERS}{_MARKS}\U00010000-\U0010ffff]")
_mark_of_direction = re.compile(f"[{_MARKS_OF_DIRECTION}]")
_filler = re.compile(f"[{_FILLERS}]")
_unseen = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_INVISIBLE_ABOVE}{_FILLERS}]")
_UNSEEN_CATEGORIES = frozenset(["Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp", "Mn", "Me"])


def clean_text(text: str) -> str:
    """A text of several lines as it is stored: with line feeds only and nothing invisible, in Unicode's
    normalization form C.

    Joiners and variation selectors stay where they belong, in an emoji or a word of a script that needs them.
    White space stays as it was typed. Idempotent.
    """
    if _notable.search(text):
        text = _line_break.sub("\n", text)
        text = _removed.sub("", text)
        text = _joiner.sub(r"\1", text)
        text = _pile_of_marks.sub(r"\1", text)
        return _pile_of_marks.sub(r"\1", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """A name or a title: as `clean_text`, in one line, with single spaces between words and none around
    them. Idempotent."""
    text = clean_text(_filler.sub(" ", _mark_of_direction.sub("", text)))
    return " ".join(text.split())


def is_visible(text: str) -> bool:
    """Whether a reader would see anything of the text: a letter, a digit, a sign, an emoji."""
    return any(
        unicodedata.category(char) not in _UNSEEN_CATEGORIES and not _unseen.match(char) for char in text
    )


def has_letter(text: str) -> bool:
    """Whether there is a letter in the text, of any script, as a name has one."""
    return any(char.isalpha() and not _filler.match(char) for char in text)
