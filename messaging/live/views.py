"""The same streams without a socket, for networks that do not let one through."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.live.streams import PAGE, STREAMS_A_POLL, may_follow, parse, whole_number


@never_cache
@require_safe
def poll(request: HttpRequest) -> JsonResponse:
    """`?s=room:3,41&s=person:7,12`: what came after these numbers, in the frames of the socket."""
    answers: list[dict[str, Any]] = []
    for asked in request.GET.getlist("s")[:STREAMS_A_POLL]:
        name, _, after = asked.partition(",")
        stream, number = parse(name), whole_number(after)
        if stream is None or number is None or may_follow(request.user.pk, stream) is None:
            answers.append({"t": "unknown", "s": name[:40]})
            continue
        entries = stream.source.after(stream.id, number, PAGE)
        answers.append({"t": "entries", "s": name, "e": entries, "more": len(entries) == PAGE})
    return JsonResponse({"frames": answers})
