"""Who looks at a stream now, and who types there. Nothing of it is stored.

A browser sends `here` when its page becomes visible and every 20 seconds while it is. The other subscribers
get a frame when somebody arrives and when they leave; everybody present is repeated in one summary, so that a
room of thirty costs thirty frames every 20 seconds and not nine hundred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from messaging.live import frames, publish
from messaging.live.hub import Hub
from messaging.live.streams import Stream
from messaging.live.subscription import Subscriber
from messaging.live.transport import Frame

SUMMARY_SECONDS = 20.0
"""Interval of summaries of a stream, and of `here` from a browser (static/js/elements/room-presence.js)."""
PRESENCE_TTL_SECONDS = 45.0
"""How long somebody is present after the last `here`: two intervals and five seconds for a slow network, so
that one lost frame shows nobody as absent."""


@dataclass
class Seen:
    """Somebody present at a stream."""

    name: str
    at: float
    """When a `here` was last received, by the monotonic clock."""
    ours: bool
    """Whether a socket of this process reported it."""


class Presence:
    """Who is present at which stream, as known to this process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._present: dict[Stream, dict[int, Seen]] = {}
        self._summarised_at: dict[Stream, float] = {}

    def report(self, socket: Subscriber, stream: Stream, typing: bool) -> None:
        """A socket's reader looks at a stream it follows, or types there."""
        if stream not in socket.follows:
            return
        present = self._present.get(stream, {})
        known = present.get(socket.user_id)
        if known is None and present:
            socket.write(_here_frame(stream, {other: seen.name for other, seen in present.items()}, False))
        if not socket.person.shows_presence:
            return
        name = socket.person.name
        self._see(stream, socket.user_id, name, ours=True)
        if known is None or typing:
            frame = _here_frame(stream, {socket.user_id: name}, typing)
            self._hub.broadcast(stream, frame, but=socket)
            here = [(socket.user_id, name)]
            publish.ephemeral(publish.HereHint(s=str(stream), here=here, typing=typing))

    def leave(self, socket: Subscriber, stream: Stream) -> None:
        """A socket stops following a stream. Another tab of the same person may keep them present."""
        seen = self._present.get(stream, {}).get(socket.user_id)
        others = [other for other in self._hub.of_person(socket.user_id) if other is not socket]
        if seen is not None and seen.ours and not any(stream in other.follows for other in others):
            self._remove(stream, socket.user_id)
            self._hub.broadcast(stream, _gone_frame(stream, socket.user_id), but=socket)
            publish.ephemeral(publish.GoneHint(s=str(stream), gone=socket.user_id))

    def disconnect(self, socket: Subscriber) -> None:
        """A socket closed."""
        for stream in list(socket.follows):
            self.leave(socket, stream)

    def on_here(self, stream: Stream, people: Sequence[tuple[int, str]], typing: bool) -> None:
        """People (id and name) are present at another process."""
        for user_id, name in people:
            self._see(stream, user_id, name, ours=False)
        self._hub.broadcast(stream, _here_frame(stream, dict(people), typing))

    def on_gone(self, stream: Stream, user_id: int) -> None:
        """Somebody left at another process; they stay present while they have a socket here."""
        seen = self._present.get(stream, {}).get(user_id)
        if seen is None or not seen.ours:
            self._remove(stream, user_id)
            self._hub.broadcast(stream, _gone_frame(stream, user_id))

    def summarise(self) -> None:
        """Remove users whose presence expired, and send the summaries that are due."""
        now = monotonic()
        for stream, present in list(self._present.items()):
            expired = [
                user_id
                for user_id, seen in present.items()
                if not self._is_present(stream, user_id, seen, now)
            ]
            for user_id in expired:
                self._remove(stream, user_id)
                self._hub.broadcast(stream, _gone_frame(stream, user_id))
            ours = {user_id: seen.name for user_id, seen in present.items() if seen.ours}
            if ours and now - self._summarised_at.get(stream, 0.0) >= SUMMARY_SECONDS:
                self._summarised_at[stream] = now
                self._hub.broadcast(stream, _here_frame(stream, ours, False))
                publish.ephemeral(publish.HereHint(s=str(stream), here=list(ours.items()), typing=False))

    def _is_present(self, stream: Stream, user_id: int, seen: Seen, now: float) -> bool:
        """Whether the presence has not expired and, for a socket of ours, the stream is still followed."""
        allowed = not seen.ours or any(stream in socket.follows for socket in self._hub.of_person(user_id))
        return allowed and now - seen.at <= PRESENCE_TTL_SECONDS

    def _see(self, stream: Stream, user_id: int, name: str, *, ours: bool) -> None:
        present = self._present.setdefault(stream, {})
        if not present:
            self._summarised_at.setdefault(stream, monotonic())
        known = present.get(user_id)
        present[user_id] = Seen(name, monotonic(), ours or (known is not None and known.ours))

    def _remove(self, stream: Stream, user_id: int) -> None:
        present = self._present.get(stream, {})
        present.pop(user_id, None)
        if not present:
            self._present.pop(stream, None)
            self._summarised_at.pop(stream, None)


def _here_frame(stream: Stream, people: Mapping[int, str], typing: bool) -> Frame:
    who = [frames.Who(id=user_id, name=name) for user_id, name in people.items()]
    return Frame(frames.encode(frames.Here(t="here", s=str(stream), who=who, typing=typing)))


def _gone_frame(stream: Stream, user_id: int) -> Frame:
    return Frame(frames.encode(frames.Gone(t="gone", s=str(stream), who=user_id)))
