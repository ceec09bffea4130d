"""Notifications about practices, and who may get them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from common import visibility
from common.statements import statement
from community.practices.models import Practice
from messaging.notifications import bell

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.people.models import User


def register() -> None:
    """Register who may be notified of which practice."""
    visibility.register_visibility("practice", visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these practices that the user sees and that are not withdrawn."""
    return set(_visible(user, list(ids)))


@statement(int)
def _visible(user: "User", practices: list[int]) -> "QuerySet[Any, Any]":
    return Practice.objects.visible_to(user).published().filter(pk__among=practices).values_list("pk")


def practice_path(practice: Practice) -> str:
    """The URL of a practice."""
    return reverse("practice", args=[practice.pk])


def notify_try_out(try_out: Practice, of: Practice) -> None:
    """Notify the author of a practice that somebody else tried it."""
    bell.notify(
        user=of.author,
        key=f"try-out:{try_out.pk}",
        kind="try-out",
        thing=("practice", try_out.pk),
        scope=try_out.space.scope,
        path=practice_path(try_out),
        context={"title": of.title, "space": try_out.space.title},
        by=try_out.author,
    )


def recount_notifications(practice: Practice) -> None:
    """Withdraw or restore all notifications about a practice, after it was withdrawn or restored."""
    bell.recount(things=[("practice", practice.pk)])
