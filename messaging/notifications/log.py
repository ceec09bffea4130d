"""What a bell says: each line in its reader's language, in the list and live as the stream `person:<id>`."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import Count, Max, Q, QuerySet
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from messaging.live import streams
from messaging.live.streams import Entry, Pair
from messaging.notifications import bell
from messaging.notifications.models import Bell, BellEntry, Notification

if TYPE_CHECKING:
    from community.people.models import User


class PersonLog:
    """How live streams of the kind `person` are read."""

    def allowed(self, pairs: Iterable[Pair]) -> dict[Pair, float]:
        """Everybody their own."""
        own = {user for user, stream in pairs if user == stream}
        people = get_user_model().objects.filter(pk__in=own, suspended_at=None)
        return {(pk, pk): 0 for pk in people.values_list("pk", flat=True)}

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each person's log."""
        return dict(Bell.objects.filter(user__in=list(ids)).values_list("user_id", "last_number"))

    def after(self, stream_id: int, number: int, limit: int) -> list[Entry]:
        """What came after a number, oldest first; how much is unseen is said as it is now."""
        rows = BellEntry.objects.filter(bell__user=stream_id, number__gt=number).order_by("number")
        found = list(rows.select_related("notification__by")[:limit])
        if not found:
            return []
        reader: User = get_user_model().objects.get(pk=stream_id)
        unseen = bell.unseen_lines(reader)
        with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
            return [_as_entry(one, reader, unseen) for one in found]


def register() -> None:
    """Let everybody follow their own news live."""
    streams.register("person", PersonLog())


@dataclass(frozen=True)
class Line:
    """One line of the list: the newest of its news, how much of it is unseen, and what it says."""

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


def written(user: "User", rows: Iterable[dict[str, Any]]) -> list[Line]:
    """Rows of `lines_of` in words, in the language that is active."""
    rows = list(rows)
    newest = Notification.objects.select_related("by").in_bulk([row["newest"] for row in rows])
    found = [(newest[row["newest"]], row["unseen"]) for row in rows if row["newest"] in newest]
    return [Line(one, unseen, say(one, user, unseen)) for one, unseen in found]


def say(news: Notification, reader: "User", many: int = 1) -> str:
    """One line of text, from notifications/<kind>.txt. `many` pieces of the same news may share it.

    The template has what is in the context, the `name` of who did it, the `reader`, and `many`. A `day` of
    the context is a date again.
    """
    context = {**news.context, "name": news.by.name if news.by else "", "reader": reader, "many": many}
    if day := context.get("day"):
        context["day"] = dt.date.fromisoformat(day)
    # A line of text, not of a page: who shows it escapes it.
    template = get_template(f"notifications/{news.kind}.txt").template  # type: ignore[attr-defined]
    return " ".join(template.render(Context(context, autoescape=False)).split())


def _as_entry(entry: BellEntry, reader: "User", unseen: dict[bell.Line, int]) -> Entry:
    shown: Entry = {"n": entry.number, "k": entry.kind, "unseen": len(unseen)}
    news = entry.notification
    if entry.kind == BellEntry.Kind.NEW and news is not None and news.withdrawn_at is None:
        many = unseen.get((news.kind, news.thing_kind, news.thing_id))
        if many:
            shown |= {"line": say(news, reader, many), "path": reverse("news_open", args=[news.pk])}
    return shown
