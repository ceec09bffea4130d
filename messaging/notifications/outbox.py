"""Mails on their way out."""


def register() -> None:
    """Have due mails sent by `manage.py jobs`."""
