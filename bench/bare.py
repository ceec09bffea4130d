"""What ours is compared with: a server that does nothing but hand each text to all, on uvloop.

python -m bench.bare websockets|picows PORT
"""

import asyncio
import sys

import uvloop


async def websockets(port: int) -> None:
    """By the package websockets, with its own broadcast."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    there: set[ServerConnection] = set()

    async def serve_one(line: ServerConnection) -> None:
        there.add(line)
        try:
            async for text in line:
                broadcast(there, text)
        finally:
            there.discard(line)

    async with serve(serve_one, "127.0.0.1", port, compression=None):
        await asyncio.Future()


async def picows(port: int) -> None:
    """By the package picows, as little as Python can do."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

    there: set[WSTransport] = set()

    class Listener(WSListener):
        def on_ws_connected(self, transport: WSTransport) -> None:
            there.add(transport)

        def on_ws_disconnected(self, transport: WSTransport) -> None:
            there.discard(transport)

        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if frame.msg_type == WSMsgType.TEXT:
                text = frame.get_payload_as_bytes()
                for one in there:
                    one.send(WSMsgType.TEXT, text)
            elif frame.msg_type == WSMsgType.PING:
                transport.send_pong(frame.get_payload_as_bytes())
            elif frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()

    def listen(request: WSUpgradeRequest) -> WSListener:
        return Listener()

    server = await ws_create_server(listen, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run({"websockets": websockets, "picows": picows}[sys.argv[1]](int(sys.argv[2])))
