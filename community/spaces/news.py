"""Who may be notified about a space as a whole, and the spaces with mail preferences."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from common import visibility
from community.spaces.models import Space
from messaging.notifications import mail_preferences

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register who may be notified about which space, and the spaces with mail preferences."""
    visibility.register_visibility("space", visible)
    mail_preferences.register_scopes("space", mail_scopes_of)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these spaces that the person sees."""
    return set(Space.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def mail_scopes_of(user: "User") -> list[mail_preferences.MailScope]:
    """The spaces the user is a member of, newest first."""
    spaces = Space.objects.of_member(user).order_by("-opened_at", "-pk")
    return [
        mail_preferences.MailScope(space.scope, space.title, reverse("space", kwargs={"pk": space.pk}))
        for space in spaces
    ]
