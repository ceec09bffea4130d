"""The list of the bell's page: notifications grouped into items, rendered in the active language."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from common import names
from common.instances import Instances
from common.moments import moment
from common.statements import statement
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


class NewsItem(NamedTuple):
    """One item of the list: plain values, of which a kept piece can be drawn."""

    newest: int
    """The id of its newest notification."""
    unseen: int
    text: str
    initials: str | None
    """Of who did it, if somebody did."""
    space: str | None
    """The title of the space, where the text does not say it."""
    moment: SafeString | str


def items_of(user: "User") -> list[ItemRow]:
    """The items of a person's newest notifications, the newest first, without those about things they may not
    see now. One query, and one per kind of thing."""
    lines: dict[bell.BellKey, ItemRow] = {}
    for pk, kind, thing_kind, thing_id, seen_at in _newest_of(user, limit=NOTIFICATIONS_LISTED):
        line = lines.setdefault((kind, thing_kind, thing_id), ItemRow(newest=pk, unseen=0))
        line.unseen += seen_at is None
    allowed = bell.visible_things(user, {key[1:] for key in lines})
    return [line for key, line in lines.items() if key[1:] in allowed]


@statement(tuple)
def _newest_of(user: "User", *, limit: int) -> QuerySet[Any, Any]:
    rows = Notification.objects.active().filter(user=user).order_by("-created_at", "-pk")
    return rows.values_list("pk", "kind", "thing_kind", "thing_id", "seen_at")[:limit]


def with_text(user: "User", rows: Iterable[ItemRow]) -> list[NewsItem]:
    """Items with their texts; one query."""
    rows = list(rows)
    found = map(_news.made_of, _news_among([row.newest for row in rows]))
    newest = {news.pk: news for news in found}
    return [_shown(newest[row.newest], row.unseen, user) for row in rows if row.newest in newest]


_news = Instances(Notification, "by")


@statement(tuple)
def _news_among(news: list[int]) -> QuerySet[Any, Any]:
    return Notification.objects.filter(pk__among=news).values_list(*_news.columns)


def _shown(news: Notification, unseen: int, reader: "User") -> NewsItem:
    space = news.context.get("space")
    return NewsItem(
        newest=news.pk,
        unseen=unseen,
        text=item_text(news, reader, unseen),
        initials=news.by.initials if news.by else None,
        space=space or "" if space != news.context.get("title") else None,
        moment=moment(news.created_at),
    )


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
