"""Who may hear of what concerns a space as a whole."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from common import things
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Say who may hear of which space."""
    things.answer_for("space", visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these spaces that the person sees."""
    return set(Space.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
