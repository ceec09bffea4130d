"""A mail server, and mails to send over it."""

from collections.abc import Iterator

import pytest

from messaging.notifications import outbox
from messaging.notifications.models import Mail
from tests.post_office import PostOffice, open_post_office


@pytest.fixture
def smtp(settings) -> Iterator[PostOffice]:
    """A mail server that takes mails over SMTP, and what it took."""
    with open_post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


@pytest.fixture
def post():
    """`post(key, address)` posts a mail with a code."""

    def post_one(key: str = "one", address: str = "anna@school.test", **more) -> Mail | None:
        about = {
            "kind": "account-code",
            "user": None,
            "language": "en",
            "zone": "Europe/Budapest",
            "context": {"code": "ABC-D'EF"},
        }
        return outbox.post(key=key, address=address, **(about | more))

    return post_one
