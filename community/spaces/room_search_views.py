"""What is asked of a room: a search in it, who may be mentioned there, and how far it was read."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.paging import page_of
from community.spaces.models import Space
from community.spaces.reach import MemberRequest
from community.spaces.room import Message
from community.spaces.room_views import inside_or_404
from messaging.chat import read_state, search
from messaging.chat.models import Entry, RoomMember
from messaging.chat.serialize import author_of


@never_cache
@require_safe
def room_search(request: MemberRequest, pk: int) -> HttpResponse:
    """Find what was said: all the words, in any letters, the newest first."""
    space, member = inside_or_404(request, pk)
    asked = request.GET.get("q", "").replace("\0", "").strip()[:200]
    words = search.words_of(asked)
    found = page_of(request, search.found_in(member.room, words))
    found.object_list = _shown(space, found, words)
    context = {"space": space, "q": asked, "found": found, "too_short": bool(asked) and not words}
    return render(request, "spaces/room_search.html", context)


@never_cache
@require_safe
def room_members(request: MemberRequest, pk: int) -> JsonResponse:
    """Who can be mentioned: the others in the room, by name."""
    _space, member = inside_or_404(request, pk)
    others = RoomMember.objects.current().filter(room=member.room_id, user__suspended_at=None)
    rows = others.exclude(user=request.user).order_by("user__name", "user_id")
    names = rows.values_list("user_id", "user__name", "role")
    return JsonResponse({"members": [{"id": pk, "name": name, "role": role} for pk, name, role in names]})


@never_cache
@require_safe
def room_readers(request: MemberRequest, pk: int) -> JsonResponse:
    """How many have read up to which number, for a page that has no socket. Never who."""
    _space, member = inside_or_404(request, pk)
    return JsonResponse({"r": read_state.readers_of(member.room, request.user)})


@dataclass
class Found(Message):
    """A message that was found: where it is, and what it says around what was looked for."""

    url: str = ""
    parts: list[tuple[str, bool]] = field(default_factory=list)


def _shown(space: Space, found: "Page[Entry]", words: list[str]) -> list[Found]:
    zone = ZoneInfo(get_current_timezone_name())
    room = reverse("space_room", args=[space.pk])
    authors = {author_of(one).pk for one in found.object_list}
    here = RoomMember.objects.filter(room=space.room_id, user__in=authors)
    roles = dict(here.values_list("user_id", "role"))
    return [
        Found(
            number=one.number,
            client_id=str(one.client_id),
            author={
                "name": author_of(one).name,
                "initials": author_of(one).initials,
                "role": roles.get(author_of(one).pk, ""),
            },
            at=one.at.astimezone(zone),
            language=one.language,
            url=f"{room}?at={one.number}#message-{one.number}",
            parts=search.excerpt(one, words),
        )
        for one in found.object_list
    ]
