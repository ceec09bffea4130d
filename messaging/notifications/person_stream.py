"""The live stream `person:<id>`: a person's own bell log, each entry in its reader's language."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NotRequired
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from messaging.live import streams
from messaging.live.streams import StreamEntry, UserStreamId
from messaging.notifications import bell
from messaging.notifications.models import Bell, BellEntry
from messaging.notifications.queries import item_text

if TYPE_CHECKING:
    from community.people.models import User


class PersonEntry(StreamEntry):
    """An entry of the stream as JSON; `line`, `lang`, `path` and `about` only of a notification that is still
    unseen."""

    unseen: int
    """The number of unseen items of the bell, as of now."""
    line: NotRequired[str]
    lang: NotRequired[str]
    """The language of the line; in the demo the page may be in another."""
    path: NotRequired[str]
    about: NotRequired[str]
    """The kind of the notification."""


def register() -> None:
    """Register bells as a kind of live stream."""
    streams.register("person", PersonLog())


class PersonLog:
    """How live streams of the kind `person` are read."""

    def allowed(self, pairs: Iterable[UserStreamId]) -> dict[UserStreamId, float]:
        """Users may follow their own stream only."""
        own = {user for user, stream in pairs if user == stream}
        people = get_user_model().objects.filter(pk__in=own, suspended_at=None)
        return {(pk, pk): 0 for pk in people.values_list("pk", flat=True)}

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each person's log."""
        return dict(Bell.objects.filter(user__in=list(ids)).values_list("user_id", "last_number"))

    def after(self, stream_id: int, number: int, limit: int) -> list[PersonEntry]:
        """The entries after a number, oldest first; each with the unseen count of now."""
        rows = BellEntry.objects.filter(bell__user=stream_id, number__gt=number).order_by("number")
        found = list(rows.select_related("notification__by")[:limit])
        if not found:
            return []
        reader: User = get_user_model().objects.get(pk=stream_id)
        unseen = bell.unseen_items(reader)
        with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
            return [_as_entry(entry, reader, unseen) for entry in found]


def _as_entry(entry: BellEntry, reader: "User", unseen: dict[bell.BellKey, int]) -> PersonEntry:
    shown: PersonEntry = {"n": entry.number, "k": entry.kind, "unseen": len(unseen)}
    news = entry.notification
    if entry.kind == BellEntry.Kind.NEW and news is not None and news.withdrawn_at is None:
        count = unseen.get((news.kind, news.thing_kind, news.thing_id))
        if count:
            shown["line"] = item_text(news, reader, count)
            shown["lang"] = reader.language
            shown["path"] = reverse("news_open", args=[news.pk])
            shown["about"] = news.kind
    return shown
