"""Exporting and erasing the practices of a person."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import privacy
from community.posts.models import NO_SEARCH_TEXT
from community.practices.actions import PARTS
from community.practices.models import Practice, PracticeVisit

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = ("community.Practice.author", "community.Practice.withdrawn_by", "community.PracticeVisit.user")


def register() -> None:
    """Register with common.privacy."""
    privacy.register("practices", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Their practices and try-outs, withdrawn ones included."""
    practices = Practice.objects.filter(author=user).select_related("space").order_by("pk")
    return {
        "practices": [
            {
                "in": one.space.title,
                "title": one.title,
                "setting": one.setting,
                **{part: getattr(one, part) for part in PARTS},
                "on": one.published_at and one.published_at.isoformat(),
            }
            for one in practices
        ]
    }


@transaction.atomic
def erase(user: "User") -> None:
    """Published practices stay, under the account without a name; the words of withdrawn ones are erased."""
    empty = {name: "" for part in PARTS for name in (part, f"{part}_html")}
    Practice.objects.filter(author=user, withdrawn_at__isnull=False).update(
        title="", setting="", **empty, **NO_SEARCH_TEXT
    )
    PracticeVisit.objects.filter(user=user).delete()
