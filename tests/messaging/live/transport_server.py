"""A server with one socket, to test its transport: `python -m tests.messaging.live.transport_server PORT`.

The client controls it: `which` is answered with the class of the transport; `burst COUNT SIZE` writes so many
frames of so many characters, each with its number, and a ping of the server's own after every tenth; `close
CODE` closes; `pause` stops reading for a second.
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
    transport = transport_for(send, lambda: transport.close(SLOW))
    while (event := await receive())["type"] != "websocket.disconnect":
        match event["text"].split():
            case ["which"]:
                transport.write(Frame(type(transport).__name__))
            case ["burst", many, size]:
                for number in range(int(many)):
                    transport.write(Frame(f"{number} ".ljust(int(size), "x")))
                    if number % 10 == 9:
                        send.args[0].sendPing(b"still there?")
            case ["close", code]:
                transport.close(int(code))
            case ["pause"]:
                transport.pause(True)
                await asyncio.sleep(1)
                transport.pause(False)


if __name__ == "__main__":
    where = build_endpoint_description_strings(host="127.0.0.1", port=int(sys.argv[1]))
    Server(application, endpoints=where, signal_handlers=True).run()
