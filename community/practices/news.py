"""Who is told of what happens to a practice, and who may still hear of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from common import visibility
from community.practices.models import Practice
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Say who may hear of which practice."""
    visibility.register_visibility("practice", visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these practices that the person sees and that were not taken back."""
    practices = Practice.objects.visible_to(user).published().filter(pk__in=ids)
    return set(practices.values_list("pk", flat=True))


def tell_try_out(try_out: Practice, of: Practice) -> None:
    """Whose practice somebody else tried hears of it."""
    bell.notify(
        user=of.author,
        key=f"try-out:{try_out.pk}",
        kind="try-out",
        thing=("practice", try_out.pk),
        scope=try_out.space.scope,
        path=reverse("practice", args=[try_out.pk]),
        context={"title": of.title, "space": try_out.space.title},
        by=try_out.author,
    )


def reconsider(practice: Practice) -> None:
    """A practice was taken back or put back, and all that was told about it with it."""
    bell.recount(things=[("practice", practice.pk)])
