"""A TCP proxy between clients and servers that imitates faults of networks."""

import asyncio
import contextlib
import socket
import struct
from types import TracebackType


class Direction:
    """One direction of all connections through a proxy, and its faults."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.one_byte_at_a_time = False
        self.truncates = False
        self._flowing = asyncio.Event()
        self._flowing.set()

    def stall(self) -> None:
        """Deliver nothing, and close nothing."""
        self._flowing.clear()

    def resume(self) -> None:
        """Deliver again, beginning with what was stalled."""
        self._flowing.set()

    async def copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Copy bytes until one side closes."""
        while chunk := await source.read(16 * 1024):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._flowing.wait()
            if self.truncates and len(chunk) > 1:
                target.write(chunk[: len(chunk) // 2])
                await target.drain()
                await asyncio.sleep(0.02)
                raise ConnectionResetError
            if self.one_byte_at_a_time:
                for index in range(len(chunk)):
                    target.write(chunk[index : index + 1])
                    await target.drain()
            else:
                target.write(chunk)
                await target.drain()


class Proxy:
    """Listens on a port of its own and connects to the first of its servers that answers."""

    def __init__(self, *ports: int) -> None:
        self.ports = list(ports)
        self.to_servers, self.to_clients = Direction(), Direction()
        self.allows_sockets = True
        self.is_down = False
        self.refusals = 0
        """Connections for which no server answered."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://localhost:{self._listener.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "Proxy":
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection, in both directions."""
        for writer in list(self._writers):
            _reset(writer)

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(to_client)
        to_server: asyncio.StreamWriter | None = None
        try:
            first = await self._request_head(client)
            server, to_server = await self._reach()
            self._writers.add(to_server)
            to_server.write(first)
            await self._copy_both(client, to_server, server, to_client)
        except (OSError, asyncio.IncompleteReadError):
            _reset(to_client)
        finally:
            for writer in (to_client, to_server):
                if writer is not None:
                    self._writers.discard(writer)
                    writer.close()
            self._tasks.discard(task)

    async def _request_head(self, client: asyncio.StreamReader) -> bytes:
        """The head of the request, if it must be inspected: a network that blocks WebSockets resets those."""
        if self.is_down:
            raise ConnectionResetError
        if self.allows_sockets:
            return b""
        first = await client.readuntil(b"\r\n\r\n")
        if b"upgrade: websocket" in first.lower():
            raise ConnectionResetError
        return first

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first server that accepts, in turn."""
        self.ports.append(self.ports.pop(0))
        for port in list(self.ports):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        self.refusals += 1
        raise ConnectionRefusedError

    async def _copy_both(
        self,
        client: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
    ) -> None:
        copies = {
            asyncio.create_task(self.to_servers.copy(client, to_server)),
            asyncio.create_task(self.to_clients.copy(server, to_client)),
        }
        try:
            done, _open = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            for copy in done:
                copy.result()
        except ConnectionResetError:
            _reset(to_server)
            raise
        finally:
            for copy in copies:
                copy.cancel()
            await asyncio.gather(*copies, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection with a TCP reset, discarding what is in transit."""
    tcp = writer.get_extra_info("socket")
    if tcp is not None and not writer.is_closing():
        with contextlib.suppress(OSError):
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
