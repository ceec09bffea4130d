"""The list of the bell's page: notifications grouped into items, rendered in the active language."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template import Context
from django.template.loader import get_template

from common import names
from messaging.notifications import bell
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User

NOTIFICATIONS_LISTED = 500
"""The newest notifications that the list considers; older ones are not shown."""


@dataclass
class ItemRow:
    """An item before it is rendered: the id of its newest notification, and its unseen count."""

    newest: int
    unseen: int


@dataclass(frozen=True)
class NewsItem:
    """One item of the list: its newest notification, its unseen count, and its text."""

    newest: Notification
    unseen: int
    text: str


def items_of(user: "User") -> list[ItemRow]:
    """The items of a person's newest notifications, the newest first, without those about things they may not
    see now. One query, and one per kind of thing."""
    rows = Notification.objects.active().filter(user=user).order_by("-created_at", "-pk")
    columns = rows.values_list("pk", "kind", "thing_kind", "thing_id", "seen_at")
    lines: dict[bell.BellKey, ItemRow] = {}
    for pk, kind, thing_kind, thing_id, seen_at in columns[:NOTIFICATIONS_LISTED]:
        line = lines.setdefault((kind, thing_kind, thing_id), ItemRow(newest=pk, unseen=0))
        line.unseen += seen_at is None
    allowed = bell.visible_things(user, {key[1:] for key in lines})
    return [line for key, line in lines.items() if key[1:] in allowed]


def with_text(user: "User", rows: Iterable[ItemRow]) -> list[NewsItem]:
    """Items with their texts; one query."""
    rows = list(rows)
    newest = Notification.objects.select_related("by").in_bulk([row.newest for row in rows])
    found = [(newest[row.newest], row.unseen) for row in rows if row.newest in newest]
    return [NewsItem(news, unseen, item_text(news, user, unseen)) for news, unseen in found]


def item_text(news: Notification, reader: "User", many: int = 1) -> str:
    """The text of an item with `many` notifications, on one line, from notifications/<kind>.txt.

    The template has the notification's context, the actor (`by`) and their `name`, which is a placeholder
    after they were erased, the `reader`, and `many`. A `day` in the context is parsed to a date.
    """
    name = news.by.name if news.by else names.NAMELESS
    context = {**news.context, "by": news.by, "name": name, "reader": reader, "many": many}
    if day := context.get("day"):
        context["day"] = dt.date.fromisoformat(day)
    # Plain text: templates that include it escape it.
    template = get_template(f"notifications/{news.kind}.txt").template  # type: ignore[attr-defined]
    return " ".join(template.render(Context(context, autoescape=False)).split())
