"""The page behind the bell: notifications grouped into lines, each in the language that is active."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q, QuerySet
from django.template import Context
from django.template.loader import get_template

from messaging.notifications import bell
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User


@dataclass(frozen=True)
class NewsLine:
    """One line of the list: its newest notification, how many of it are unseen, and its text."""

    newest: Notification
    unseen: int
    text: str


def lines_of(user: "User") -> "QuerySet[Notification, Any]":
    """The lines of a person's list, the newest first, without those about what they may not see now."""
    mine = Notification.objects.standing().filter(user=user)
    asked = set(mine.values_list("thing_kind", "thing_id").distinct())
    hidden: dict[str, list[int]] = {}
    for kind, number in asked - bell.visible_things(user, asked):
        hidden.setdefault(kind, []).append(number)
    for kind, numbers in hidden.items():
        mine = mine.exclude(thing_kind=kind, thing_id__in=numbers)
    counted = mine.values("kind", "thing_kind", "thing_id").annotate(
        newest=Max("pk"), unseen=Count("pk", filter=Q(seen_at=None))
    )
    return counted.order_by("-newest")


def with_text(user: "User", rows: Iterable[dict[str, Any]]) -> list[NewsLine]:
    """Rows of `lines_of` with their texts; two queries."""
    rows = list(rows)
    newest = Notification.objects.select_related("by").in_bulk([row["newest"] for row in rows])
    found = [(newest[row["newest"]], row["unseen"]) for row in rows if row["newest"] in newest]
    return [NewsLine(one, unseen, line_text(one, user, unseen)) for one, unseen in found]


def line_text(news: Notification, reader: "User", many: int = 1) -> str:
    """One line of text, from notifications/<kind>.txt, for `many` notifications of the same line.

    The template has what is in the context, the `name` of who did it, the `reader`, and `many`. A `day` of
    the context is a date again.
    """
    context = {**news.context, "name": news.by.name if news.by else "", "reader": reader, "many": many}
    if day := context.get("day"):
        context["day"] = dt.date.fromisoformat(day)
    # Plain text: whoever puts it into a page escapes it.
    template = get_template(f"notifications/{news.kind}.txt").template  # type: ignore[attr-defined]
    return " ".join(template.render(Context(context, autoescape=False)).split())
