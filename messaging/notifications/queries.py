"""The page behind the bell: notifications grouped into lines, each in the language that is active."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template import Context
from django.template.loader import get_template

from messaging.notifications import bell
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User

NOTIFICATIONS_LISTED = 500
"""The list goes back so far and no farther, however many a person ever had."""


@dataclass
class LineRow:
    """A line before it is rendered: the id of its newest notification, and how many of it are unseen."""

    newest: int
    unseen: int


@dataclass(frozen=True)
class NewsLine:
    """One line of the list: its newest notification, how many of it are unseen, and its text."""

    newest: Notification
    unseen: int
    text: str


def lines_of(user: "User") -> list[LineRow]:
    """The lines of a person's newest notifications, the newest first, without those about what they may not
    see now. One query, and one per kind of thing."""
    rows = Notification.objects.standing().filter(user=user).order_by("-created_at", "-pk")
    columns = rows.values_list("pk", "kind", "thing_kind", "thing_id", "seen_at")
    lines: dict[bell.LineKey, LineRow] = {}
    for pk, kind, thing_kind, thing_id, seen_at in columns[:NOTIFICATIONS_LISTED]:
        line = lines.setdefault((kind, thing_kind, thing_id), LineRow(newest=pk, unseen=0))
        line.unseen += seen_at is None
    allowed = bell.visible_things(user, {key[1:] for key in lines})
    return [line for key, line in lines.items() if key[1:] in allowed]


def with_text(user: "User", rows: Iterable[LineRow]) -> list[NewsLine]:
    """Lines with their texts; one query."""
    rows = list(rows)
    newest = Notification.objects.select_related("by").in_bulk([row.newest for row in rows])
    found = [(newest[row.newest], row.unseen) for row in rows if row.newest in newest]
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
