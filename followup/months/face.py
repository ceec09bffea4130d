"""The head of a follow-up space: the month."""


def register() -> None:
    """Give follow-up spaces their head."""
