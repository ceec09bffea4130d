"""Who is looking at a stream now, and who is writing. Nothing of it is kept anywhere.

A browser says `here` when its page comes to the front and every twenty seconds while it stays there. The
others hear of it when somebody comes and when they leave; who stays is told again in one summary for all,
so that a room of thirty costs thirty frames a round and not nine hundred.
"""

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from messaging.live import frames, publish
from messaging.live.hub import Hub
from messaging.live.streams import Stream
from messaging.live.transport import Frame

if TYPE_CHECKING:
    from messaging.live.socket import Socket

FORGOTTEN = 45.0
"""Seconds after which somebody of whom nothing was heard is not there any more."""
ROUND = 20.0
"""Seconds between two summaries of a stream."""


@dataclass
class Seen:
    """Somebody at a stream: when we last heard of them, and whether by a socket of this process."""

    name: str
    at: float
    ours: bool


class Presence:
    """Who is where, as this process heard it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._there: dict[Stream, dict[int, Seen]] = {}
        self._told: dict[Stream, float] = {}

    def says(self, socket: "Socket", stream: Stream, typing: bool) -> None:
        """Somebody looks at a stream they follow, or types there."""
        if stream not in socket.follows:
            return
        there = self._there.get(stream, {})
        known = there.get(socket.user_id)
        if known is None and there:
            socket.write(_frame(stream, {one: seen.name for one, seen in there.items()}, False))
        if not socket.person.shows_presence:
            return
        self._heard(stream, socket.user_id, socket.person.name, ours=True)
        if known is None or typing:
            frame = _frame(stream, {socket.user_id: socket.person.name}, typing)
            self._hub.broadcast(stream, frame, but=socket)
            publish.ephemeral(str(stream), here=[[socket.user_id, socket.person.name]], typing=typing)

    def left(self, socket: "Socket", stream: Stream) -> None:
        """A socket looks at a stream no more. Another tab of the same person may."""
        seen = self._there.get(stream, {}).get(socket.user_id)
        others = [one for one in self._hub.of_person(socket.user_id) if one is not socket]
        if seen is not None and seen.ours and not any(stream in one.follows for one in others):
            self._forget(stream, socket.user_id)
            self._hub.broadcast(stream, _gone(stream, socket.user_id), but=socket)
            publish.ephemeral(str(stream), gone=socket.user_id)

    def went(self, socket: "Socket") -> None:
        """A socket ended."""
        for stream in list(socket.follows):
            self.left(socket, stream)

    def heard(self, stream: Stream, people: list[tuple[int, str]], typing: bool) -> None:
        """People at another process."""
        for person, name in people:
            self._heard(stream, person, name, ours=False)
        self._hub.broadcast(stream, _frame(stream, dict(people), typing))

    def heard_gone(self, stream: Stream, person: int) -> None:
        """Somebody left at another process; a tab of theirs here keeps them."""
        seen = self._there.get(stream, {}).get(person)
        if seen is None or not seen.ours:
            self._forget(stream, person)
            self._hub.broadcast(stream, _gone(stream, person))

    def tell_again(self) -> None:
        """The summaries that are due."""
        now = monotonic()
        for stream, there in list(self._there.items()):
            for person in [one for one, seen in there.items() if not self._is_there(stream, one, seen, now)]:
                self._forget(stream, person)
                self._hub.broadcast(stream, _gone(stream, person))
            ours = {one: seen.name for one, seen in there.items() if seen.ours}
            if ours and now - self._told.get(stream, 0.0) >= ROUND:
                self._told[stream] = now
                self._hub.broadcast(stream, _frame(stream, ours, False))
                publish.ephemeral(str(stream), here=[[one, name] for one, name in ours.items()], typing=False)

    def _is_there(self, stream: Stream, person: int, seen: Seen, now: float) -> bool:
        """Heard of lately, and still let in if the socket is ours."""
        let_in = not seen.ours or any(stream in one.follows for one in self._hub.of_person(person))
        return let_in and now - seen.at <= FORGOTTEN

    def _heard(self, stream: Stream, person: int, name: str, *, ours: bool) -> None:
        there = self._there.setdefault(stream, {})
        if not there:
            self._told.setdefault(stream, monotonic())
        known = there.get(person)
        there[person] = Seen(name, monotonic(), ours or (known is not None and known.ours))

    def _forget(self, stream: Stream, person: int) -> None:
        there = self._there.get(stream, {})
        there.pop(person, None)
        if not there:
            self._there.pop(stream, None)
            self._told.pop(stream, None)


def _frame(stream: Stream, people: dict[int, str], typing: bool) -> Frame:
    who = [{"id": person, "name": name} for person, name in people.items()]
    return Frame(frames.write("here", s=str(stream), who=who, typing=typing))


def _gone(stream: Stream, person: int) -> Frame:
    return Frame(frames.write("gone", s=str(stream), who=person))
