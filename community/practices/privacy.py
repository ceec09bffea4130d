"""Exporting and erasing the practices of a person."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from common import privacy
from community.institutes.licence_models import Terms
from community.posts.actions import withdraw_all
from community.posts.models import NO_SEARCH_TEXT
from community.practices.actions import FACTS, PARTS
from community.practices.models import Practice, PracticeVisit
from messaging.files.actions import delete_files_of
from messaging.notifications.privacy import erase_titles

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
                "in": practice.space.title,
                "title": practice.title,
                **{
                    name: getattr(practice, name) for name in (*FACTS, "materials", "outcome", *Terms._fields)
                },
                **{part: practice.plain_text(part) for part in PARTS},
                "on": practice.published_at and practice.published_at.isoformat(),
            }
            for practice in practices
        ]
    }


def erase(user: "User") -> None:
    """Published practices stay, under the account without a name, unless the user wants them to go too. The
    text of withdrawn ones is erased."""
    if user.erasure_takes_posts:
        withdraw_all(Practice.objects.filter(author=user), by=user)
    _erase_texts(user)


@transaction.atomic
def _erase_texts(user: "User") -> None:
    empty = {name: "" for part in PARTS for name in (part, f"{part}_html")}
    gone = Q(withdrawn_at__isnull=False) | Q(published_at=None)
    withdrawn = Practice.objects.filter(gone, author=user)
    withdrawn.update(title="", setting="", materials="", own_terms="", **empty, **NO_SEARCH_TEXT)
    delete_files_of(Practice.KIND, withdrawn.values_list("pk", flat=True))
    erase_titles("practice", withdrawn.values_list("pk", flat=True))
    PracticeVisit.objects.filter(user=user).delete()
