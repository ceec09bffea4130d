"""A TCP proxy of our own, between people and servers, with everything networks do to a line."""

import asyncio
import contextlib
import socket
import struct
from types import TracebackType


class Way:
    """One direction of all lines that go through a proxy, and what is wrong with it."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.one_byte_at_a_time = False
        self.breaks_off = False
        self._flows = asyncio.Event()
        self._flows.set()

    def stall(self) -> None:
        """Let nothing through, and end nothing."""
        self._flows.clear()

    def flow(self) -> None:
        """Let everything through again, what waited first."""
        self._flows.set()

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Carry bytes until one side ends."""
        while chunk := await source.read(16 * 1024):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._flows.wait()
            if self.breaks_off and len(chunk) > 1:
                target.write(chunk[: len(chunk) // 2])
                await target.drain()
                await asyncio.sleep(0.02)
                raise ConnectionResetError
            if self.one_byte_at_a_time:
                for place in range(len(chunk)):
                    target.write(chunk[place : place + 1])
                    await target.drain()
            else:
                target.write(chunk)
                await target.drain()


class Proxy:
    """Listens on a port of its own and carries to the first of its servers that answers."""

    def __init__(self, *ports: int) -> None:
        self.ports = list(ports)
        self.to_servers, self.to_people = Way(), Way()
        self.lets_sockets_through = True
        self.is_down = False
        self.refusals = 0
        """Lines for which no server answered."""
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where people come in."""
        return f"http://localhost:{self._listener.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "Proxy":
        self._listener = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every line, in both directions."""
        for writer in list(self._lines):
            _reset(writer)

    async def _take(self, person: asyncio.StreamReader, to_person: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._lines.add(to_person)
        to_server: asyncio.StreamWriter | None = None
        try:
            first = await self._beginning(person)
            server, to_server = await self._reach()
            self._lines.add(to_server)
            to_server.write(first)
            await self._both_ways(person, to_server, server, to_person)
        except (OSError, asyncio.IncompleteReadError):
            _reset(to_person)
        finally:
            for writer in (to_person, to_server):
                if writer is not None:
                    self._lines.discard(writer)
                    writer.close()
            self._tasks.discard(task)

    async def _beginning(self, person: asyncio.StreamReader) -> bytes:
        """The first words of a line: a network without sockets looks at them."""
        if self.is_down:
            raise ConnectionResetError
        if self.lets_sockets_through:
            return b""
        first = await person.readuntil(b"\r\n\r\n")
        if b"upgrade: websocket" in first.lower():
            raise ConnectionResetError
        return first

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A line to the first server that takes one; who took the last goes to the end of the row."""
        self.ports.append(self.ports.pop(0))
        for port in list(self.ports):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        self.refusals += 1
        raise ConnectionRefusedError

    async def _both_ways(
        self,
        person: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_person: asyncio.StreamWriter,
    ) -> None:
        ways = {
            asyncio.create_task(self.to_servers.carry(person, to_server)),
            asyncio.create_task(self.to_people.carry(server, to_person)),
        }
        try:
            done, _open = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        except ConnectionResetError:
            _reset(to_server)
            raise
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a line as a broken network does: with a reset, and what was on its way is gone."""
    line = writer.get_extra_info("socket")
    if line is not None and not writer.is_closing():
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
