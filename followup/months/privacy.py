"""What months store about a person, and how it is erased."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import privacy
from followup.months import news
from followup.months.models import Extension, Month

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "followup.Month.opener",
    "followup.Extension.extended_by",
    "followup.Extension.answered_by",
)


def register() -> None:
    """Register export and erasure for months."""
    privacy.register("months", export_for, erase, FIELDS)
    privacy.register_departure(news.notify_trainer_leaves, news.withdraw_trainer_leaves)


def export_for(user: "User") -> dict[str, Any]:
    """The months that the user opened or extended."""
    opened = Month.objects.filter(opener=user).select_related("space").order_by("pk")
    extended = Extension.objects.filter(extended_by=user).select_related("month__space").order_by("pk")
    return {
        "months_opened": [
            {"space": month.space.title, "on": month.opened_on.isoformat()} for month in opened
        ],
        "extensions": [
            {
                "space": extension.month.space.title,
                "to": extension.last_day.isoformat(),
                "reason": extension.reason,
            }
            for extension in extended
        ],
    }


@transaction.atomic
def erase(user: "User") -> None:
    """Keep months and extensions without who opened, extended or answered."""
    Month.objects.filter(opener=user).update(opener=None)
    Extension.objects.filter(extended_by=user).update(extended_by=None)
    Extension.objects.filter(answered_by=user).update(answered_by=None)
