"""A server that loses, doubles and swaps what it hands out, to see that the load client finds it.

    python -m bench.faulty echo|ours PORT

Of the first messages it is given it treats these so, for every socket.
"""

import asyncio
import json
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, serve

LOST, DOUBLED, SWAPPED = 5, 10, 15
"""The message that is not handed out, the one handed out twice, and the one handed out after the next."""


class Faulty:
    """One room, in the way of one protocol."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours
        self.there: set[ServerConnection] = set()
        self.count = 0
        self.held: dict[ServerConnection, list[str]] = defaultdict(list)

    async def serve_one(self, line: ServerConnection) -> None:
        """Take messages from one socket, and hand them to all."""
        self.there.add(line)
        if self.ours:
            await line.send('{"t":"welcome","person":1}')
        try:
            async for text in line:
                await self.hand_out(line, str(text))
        finally:
            self.there.discard(line)

    async def hand_out(self, line: ServerConnection, text: str) -> None:
        """Give a message to all, with the fault that its number has."""
        if self.ours:
            said = json.loads(text)
            if said["t"] != "send":
                return
            number = self.count + 1
            await line.send(json.dumps({"t": "ack", "cid": said["cid"], "n": number}))
            entry = {"n": number, "k": "message", "m": {"n": number, "text": said["text"]}}
            text = json.dumps({"t": "entries", "s": f"room:{said['room']}", "e": [entry]})
        self.count += 1
        for one in list(self.there):
            if self.count == LOST:
                continue
            if self.count == SWAPPED:
                self.held[one].append(text)
                continue
            for copy in [text, *self.held.pop(one, ())]:
                await one.send(copy)
                if self.count == DOUBLED:
                    await one.send(copy)


async def run(ours: bool, port: int) -> None:
    """Serve until ended."""
    async with serve(Faulty(ours).serve_one, "127.0.0.1", port, compression=None):
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1] == "ours", int(sys.argv[2])))
