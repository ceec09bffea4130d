"""The same streams without a socket, for networks that block WebSockets."""

import logging
from collections.abc import Sequence
from time import monotonic

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.live import frames, streams
from messaging.live.streams import (
    ENTRIES_PER_PAGE,
    STREAMS_PER_POLL,
    Stream,
    StreamEntry,
    parse,
    whole_number,
)

LOG_INTERVAL_SECONDS = 600.0

logger = logging.getLogger("aftercourse.live")
_logged_at = float("-inf")


@login_not_required
@never_cache
@require_safe
def without_upgrade(request: HttpRequest) -> HttpResponse:
    """The address of the socket, asked for without an upgrade: mostly the server in front does not pass it
    on. Pages poll then."""
    global _logged_at
    if monotonic() - _logged_at >= LOG_INTERVAL_SECONDS:
        _logged_at = monotonic()
        logger.warning(
            "A socket was asked for without the header Upgrade: the server in front has to pass on Upgrade "
            "and Connection for /live/ (logged once in ten minutes)"
        )
    return HttpResponse(
        "This is the address of a WebSocket, and no request to open one has arrived.\n",
        status=404,
        content_type="text/plain",
    )


@never_cache
@require_safe
def poll(request: HttpRequest) -> JsonResponse:
    """`?s=room:3,41&s=person:7,12`: the entries after these numbers, in the frames of the socket."""
    names: list[tuple[str, Stream | None]] = []
    after: dict[Stream, int] = {}
    for parameter in request.GET.getlist("s")[:STREAMS_PER_POLL]:
        name, _, number_text = parameter.partition(",")
        stream, number = parse(name), whole_number(number_text)
        names.append((name, stream if number is not None else None))
        if stream is not None and number is not None:
            after[stream] = number
    found = _readable(request.user.pk, after)
    answers: list[frames.Entries | frames.Unknown] = []
    for name, stream in names:
        if stream is None or stream not in found:
            answers.append({"t": "unknown", "s": name[:40]})
        else:
            entries = found[stream]
            more = len(entries) == ENTRIES_PER_PAGE
            answers.append({"t": "entries", "s": name, "e": entries, "more": more})
    return JsonResponse({"frames": answers})


def _readable(user_id: int, after: dict[Stream, int]) -> dict[Stream, Sequence[StreamEntry]]:
    """The entries of those streams that this person may follow; a bounded number of queries for all of them.

    Access is checked before the log is read and again afterwards: a dismissal may be committed between the
    two, and nothing numbered after it may reach that person.
    """
    allowed = streams.still_allowed((user_id, stream) for stream in after)
    readable = {stream: number for stream, number in after.items() if (user_id, stream) in allowed}
    found = streams.after(readable, ENTRIES_PER_PAGE)
    read = {(user_id, stream) for stream, entries in found.items() if entries}
    lost = read - streams.still_allowed(read).keys()
    return {stream: entries for stream, entries in found.items() if (user_id, stream) not in lost}
