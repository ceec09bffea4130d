"""Who may be notified about a space as a whole, who sees the picture of whom, and the spaces with mail
preferences."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from common import visibility
from common.statements import statement
from community.people.models import User
from community.people.picture_actions import PICTURE
from community.spaces.models import Membership, Space
from messaging.notifications import mail_preferences

if TYPE_CHECKING:
    from django.db.models import QuerySet


def register() -> None:
    """Register who may be notified about which space, who sees the picture of whom, and the spaces with mail
    preferences."""
    visibility.register_visibility("space", visible)
    visibility.register_visibility(PICTURE, people_shown_to)
    mail_preferences.register_scopes("space", mail_scopes_of)


def visible(user: User, ids: Iterable[int]) -> set[int]:
    """Those of these spaces that the person sees."""
    return set(_visible(user, list(ids)))


@statement(int)
def _visible(user: "User", spaces: list[int]) -> "QuerySet[Any, Any]":
    return Space.objects.visible_to(user).filter(pk__among=spaces).values_list("pk")


def people_shown_to(user: User, ids: Iterable[int]) -> set[int]:
    """Those of these people whose picture the reader may see: who reads a space that the reader reads as
    well, and the reader."""
    if not user.is_authenticated:
        return set()
    others = User.objects.filter(pk__in=list(ids)).exclude(pk=user.pk)
    shared = {other.pk for other in others if _share_a_space(user, other)}
    return shared | ({user.pk} & set(ids))


def _share_a_space(one: User, other: User) -> bool:
    return Space.objects.visible_to(one).filter(pk__in=Space.objects.visible_to(other).values("pk")).exists()


def mail_scopes_of(users: list[int]) -> Iterator[tuple[int, mail_preferences.MailScope]]:
    """The spaces that each of these users is a member of, newest first."""
    current = Membership.objects.current().filter(user__in=users).order_by("-space__opened_at", "-space")
    for membership in current.select_related("space"):
        space = membership.space
        days = (space.first_day, space.last_day) if space.closes_at else None
        path = reverse("space", args=[space.pk])
        yield membership.user_id, mail_preferences.MailScope(space.scope, space.title, path, days)
