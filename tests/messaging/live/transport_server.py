"""A server of one socket to test what it sends: `python -m tests.messaging.live.transport_server PORT`.

What the client says is done on the line: `which` answers with its class; `burst MANY SIZE` writes so many
frames of so many characters, each with its number, and a ping of the server's own after every tenth;
`pause` takes nothing in for a second.
"""

import asyncio
import sys
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server

from messaging.live.transport import Frame, transport_for

SLOW = 4013


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    line = transport_for(send, lambda: line.close(SLOW))
    while (event := await receive())["type"] != "websocket.disconnect":
        match event["text"].split():
            case ["which"]:
                line.write(Frame(type(line).__name__))
            case ["burst", many, size]:
                for number in range(int(many)):
                    line.write(Frame(f"{number} ".ljust(int(size), "x")))
                    if number % 10 == 9:
                        send.args[0].sendPing(b"still there?")
            case ["close", code]:
                line.close(int(code))
            case ["pause"]:
                line.pause(True)
                await asyncio.sleep(1)
                line.pause(False)


if __name__ == "__main__":
    where = build_endpoint_description_strings(host="127.0.0.1", port=int(sys.argv[1]))
    Server(application, endpoints=where, signal_handlers=True).run()
