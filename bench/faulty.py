"""A server that loses, duplicates and reorders messages, to check that the load client finds it.

    python -m bench.faulty echo|ours PORT

The faults are the same for every socket.
"""

import asyncio
import json
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, serve

LOST, DUPLICATED, SWAPPED = 5, 10, 15
"""The message that is not sent, the one sent twice, and the one sent after the next."""


class Faulty:
    """One room, in one of two protocols."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours
        self.sockets: set[ServerConnection] = set()
        self.count = 0
        self.delayed: dict[ServerConnection, list[str]] = defaultdict(list)

    async def serve_one(self, socket: ServerConnection) -> None:
        """Receive messages of one socket and send them to all."""
        self.sockets.add(socket)
        if self.ours:
            await socket.send('{"t":"welcome","person":1}')
        try:
            async for text in socket:
                await self.broadcast(socket, str(text))
        finally:
            self.sockets.discard(socket)

    async def broadcast(self, socket: ServerConnection, text: str) -> None:
        """Send a message to all sockets, with the fault of its number."""
        if self.ours:
            command = json.loads(text)
            if command["t"] != "send":
                return
            number = self.count + 1
            await socket.send(json.dumps({"t": "ack", "cid": command["cid"], "n": number}))
            entry = {"n": number, "k": "message", "m": {"n": number, "text": command["text"]}}
            text = json.dumps({"t": "entries", "s": f"room:{command['room']}", "e": [entry]})
        self.count += 1
        for receiver in list(self.sockets):
            if self.count == LOST:
                continue
            if self.count == SWAPPED:
                self.delayed[receiver].append(text)
                continue
            for copy in [text, *self.delayed.pop(receiver, ())]:
                await receiver.send(copy)
                if self.count == DUPLICATED:
                    await receiver.send(copy)


async def run(ours: bool, port: int) -> None:
    """Serve until stopped."""
    async with serve(Faulty(ours).serve_one, "127.0.0.1", port, compression=None):
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1] == "ours", int(sys.argv[2])))
