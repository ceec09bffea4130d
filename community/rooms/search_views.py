"""Search in a room, and requests of its page's script: members to mention, and read counts."""

from dataclasses import dataclass, field
from typing import TypedDict
from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.paging import page_of
from common.searching import split_at_matches
from common.text import clean_line
from community.rooms.queries import Author, Message, message_path
from community.rooms.views import member_or_404
from community.spaces.lookup import MemberRequest
from community.spaces.models import Space
from community.spaces.queries import mentionable
from messaging.chat import read_state, search
from messaging.chat.models import Entry, RoomMember
from messaging.chat.serialize import author_of


class ReadCounts(TypedDict):
    """Pairs of a number and how many others have read up to it."""

    r: list[tuple[int, int]]


@never_cache
@require_safe
def room_search(request: MemberRequest, pk: int) -> HttpResponse:
    """Messages that contain all the words, whatever case and diacritics, newest first."""
    space, member = member_or_404(request, pk)
    query = clean_line(request.GET.get("q", ""))[:200]
    words = search.words_of(query)
    ids, more = search.found_in(member.room, words)
    found = page_of(request, ids)
    found.object_list = _matches(space, list(found.object_list), words)
    context = {
        "space": space,
        "q": query,
        "found": found,
        "more": more,
        "too_short": bool(query) and not words,
    }
    return render(request, "rooms/room_search.html", context)


@never_cache
@require_safe
def room_members(request: MemberRequest, pk: int) -> JsonResponse:
    """Who can be mentioned: the others in the room, in the order of the reader's language, and the letters
    by which the page's script finds them."""
    _space, member = member_or_404(request, pk)
    others = RoomMember.objects.current().filter(room=member.room_id, user__suspended_at=None)
    return JsonResponse(mentionable(others, request.user))


@never_cache
@require_safe
def room_readers(request: MemberRequest, pk: int) -> JsonResponse:
    """How many have read up to which number, for a page without a socket. Never who."""
    _space, member = member_or_404(request, pk)
    return JsonResponse(ReadCounts(r=read_state.readers_of(member.room, request.user)))


@dataclass
class Match(Message):
    """A message that was found: its URL, and an excerpt around the match."""

    url: str = ""
    parts: list[tuple[str, bool]] = field(default_factory=list)
    found_files: list[list[tuple[str, bool]]] = field(default_factory=list)
    """The name of each of its files, split as the text is."""


def _matches(space: Space, ids: list[int], words: list[str]) -> list[Match]:
    zone = ZoneInfo(get_current_timezone_name())
    entries = Entry.objects.filter(pk__in=ids).select_related("author").order_by("-number")
    authors = {author_of(entry).pk for entry in entries}
    members = RoomMember.objects.filter(room=space.room_id, user__in=authors)
    roles = dict(members.values_list("user_id", "role"))
    return [
        Match(
            number=entry.number,
            client_id=str(entry.client_id),
            author=Author(author_of(entry).pk, author_of(entry).name, roles.get(author_of(entry).pk, "")),
            at=entry.at.astimezone(zone),
            language=entry.language,
            url=message_path(space.pk, entry.number),
            parts=search.excerpt(entry, words),
            found_files=[split_at_matches(file.get("name", ""), words) for file in entry.files or ()],
        )
        for entry in entries
    ]
