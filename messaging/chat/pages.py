"""Parts of a room's history that do not end with the newest message."""

from typing import Any

from messaging.chat.log import as_entries, quote
from messaging.chat.models import Entry, Room

Kind = Entry.Kind


def page_after(room: Room, number: int, limit: int = 50) -> list[dict[str, Any]]:
    """The messages that came after a number, oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return as_entries(rows.order_by("number")[:limit])


def page_around(room: Room, number: int, limit: int = 25) -> list[dict[str, Any]]:
    """At most so many messages before a number, and as many from it on; oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE)
    before = rows.filter(number__lt=number).order_by("-number").values_list("pk", flat=True)[:limit]
    since = rows.filter(number__gte=number).order_by("number").values_list("pk", flat=True)[:limit]
    return as_entries(rows.filter(pk__in=[*before, *since]).order_by("number"))


def has_after(room: Room, number: int, many: int) -> bool:
    """Whether so many messages came after a number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return rows[:many].count() == many


def quote_of(room: Room, number: int) -> dict[str, Any] | None:
    """A message as a reply to it shows it; None when there is none with this number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number=number)
    message = rows.select_related("author").first()
    return quote(message) if message else None
