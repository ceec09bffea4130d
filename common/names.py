"""What is made of a person's name."""


def initials(name: str) -> str:
    """Two letters for the round picture beside a name: of its first and its last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
