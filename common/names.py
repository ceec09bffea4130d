"""What is derived from a person's name."""

NAMELESS = "—"
"""Shown instead of the name of an erased person."""


def initials(name: str) -> str:
    """Initials of the first and the last word, for the avatar."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
