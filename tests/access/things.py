"""Things of the small world that rows of the access table name in their URLs and forms."""

from collections.abc import Callable
from typing import Any

from community.people import invitations
from community.people.models import User
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


def letter_to_somebody_new(cast: Cast) -> str:
    """The end of the link in a letter to somebody who has not joined."""
    guest, _new = User.objects.get_or_create(email="new@school.test", defaults={"name": "Nora New"})
    letter = invitations.invite(
        user=guest, address=guest.email, occasion="a month", next_path="/", by=cast.coordinator
    )
    return invitations.link_to(letter).rstrip("/").rpartition("/")[2]


THINGS: dict[str, Callable[[Cast], Any]] = {
    "space": lambda cast: cast.space.pk,
    "month": lambda cast: cast.month.pk,
    "run": lambda cast: cast.run.pk,
    "course": lambda cast: cast.course.pk,
    "course_slug": lambda cast: cast.course.slug,
    "institute_slug": lambda cast: cast.institute.slug,
    "letter": letter_to_somebody_new,
    "word": lambda cast: "1-abcdef",
    "mail": lambda cast: mail_to(cast).pk,
}
"""A row's argument is `pk:space` (URL keyword and thing); a value of its data is `=space`."""
