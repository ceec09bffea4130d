"""What is derived from a person's name."""

import re

NAMELESS = "—"
"""Shown instead of the name of an erased person."""


def initials(name: str) -> str:
    """The first letters of the first and of the last word that has one, for the avatar."""
    letters = [letter for word in name.split() if (letter := next(filter(str.isalpha, word), ""))]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or name[:1]


def without(text: str, *spellings: str) -> str:
    """A text that we wrote, without a name in any of these spellings, where it is a word of its own."""
    for name in filter(None, spellings):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAMELESS, text)
    return text
