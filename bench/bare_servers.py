"""Servers that only write each text to all sockets, on uvloop.

python -m bench.bare_servers websockets|picows PORT
"""

import asyncio
import sys

import uvloop


async def websockets(port: int) -> None:
    """With the package websockets and its broadcast."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    sockets: set[ServerConnection] = set()

    async def serve_one(socket: ServerConnection) -> None:
        sockets.add(socket)
        try:
            async for text in socket:
                broadcast(sockets, text)
        finally:
            sockets.discard(socket)

    async with serve(serve_one, "127.0.0.1", port, compression=None):
        await asyncio.Future()


async def picows(port: int) -> None:
    """With the package picows."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

    sockets: set[WSTransport] = set()

    class Listener(WSListener):
        def on_ws_connected(self, transport: WSTransport) -> None:
            sockets.add(transport)

        def on_ws_disconnected(self, transport: WSTransport) -> None:
            sockets.discard(transport)

        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if frame.msg_type == WSMsgType.TEXT:
                text = frame.get_payload_as_bytes()
                for socket in sockets:
                    socket.send(WSMsgType.TEXT, text)
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
