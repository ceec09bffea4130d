"""Files of a run's materials: who may have them."""


def register() -> None:
    """Answer for the files of materials."""
