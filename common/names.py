"""What is made of a person's name."""

NAMELESS = "—"
"""What stands where the name was of somebody who was let go of."""


def initials(name: str) -> str:
    """Two letters for the round picture beside a name: of its first and its last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
