"""What falls due in a month."""


def register() -> None:
    """Have the month's due work done by `manage.py jobs`."""
