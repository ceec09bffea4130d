"""Things of the small world that rows of the access table name in their URLs and forms."""

from collections.abc import Callable
from typing import Any

from messaging.notifications.models import Mail
from tests.cast import Cast


def mail_to(cast: Cast) -> Mail:
    """A mail to the participant, as the outbox keeps it."""
    return Mail.objects.get_or_create(
        key="a mail of the table",
        defaults={
            "kind": "table",
            "user": cast.participant,
            "address": cast.participant.email,
            "language": "en",
            "subject": "A mail",
            "text": "Good day!",
        },
    )[0]


THINGS: dict[str, Callable[[Cast], Any]] = {
    "space": lambda cast: cast.space.pk,
    "month": lambda cast: cast.month.pk,
    "run": lambda cast: cast.run.pk,
    "course": lambda cast: cast.course.pk,
    "course_slug": lambda cast: cast.course.slug,
    "institute_slug": lambda cast: cast.institute.slug,
    "mail": lambda cast: mail_to(cast).pk,
}
"""A row's argument is `pk:space` (URL keyword and thing); a value of its data is `=space`."""
