"""Who may hear of what concerns a space as a whole, and which spaces somebody may be mailed about."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from common import visibility
from community.spaces.models import Space
from messaging.notifications import mail_preferences

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register who may hear of which space, and which spaces somebody chooses mail for."""
    visibility.register_visibility("space", visible)
    mail_preferences.register_scopes("space", places_of)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these spaces that the person sees."""
    return set(Space.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def places_of(user: "User") -> list[mail_preferences.MailScope]:
    """The spaces the person is a member of, those of today first."""
    spaces = Space.objects.of_member(user).order_by("-opened_at", "-pk")
    return [
        mail_preferences.MailScope(one.scope, one.title, reverse("space", kwargs={"pk": one.pk}))
        for one in spaces
    ]
