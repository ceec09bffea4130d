"""Reads the logs of many streams together.

Requests that arrive during a read wait and are then read in one batch: a page of one room takes as many
queries as pages of fifty, and after a restart all rooms are requested within the same seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from messaging.live import streams
from messaging.live.streams import ENTRIES_PER_PAGE, Stream, StreamEntry

STREAMS_PER_READ = 50
"""Streams read together at most."""
CONCURRENT_READS = 2
"""Reads under way at most; as many as there are reader threads."""
FULL_PAGE_STREAMS = 4
"""Streams that get a full page each when read together; more streams share this number of pages."""

Answer = tuple[Sequence[StreamEntry], bool]
"""Entries, oldest first, and whether there may be more after them."""


class LogReader:
    """The reads that are pending and under way in this process."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._pending: dict[Stream, tuple[int, asyncio.Future[Answer]]] = {}
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def after(self, stream: Stream, number: int) -> Answer:
        """The entries after a number, and whether there may be more. Raises what the database raised.

        One caller per stream at a time: an earlier one that still waits is cancelled, since its subscription
        has ended.
        """
        if stream in self._pending:
            self._pending.pop(stream)[1].cancel()
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pending[stream] = (number, answer)
        self._start()
        return await answer

    def _start(self) -> None:
        while self._pending and self._under_way < CONCURRENT_READS:
            requests = dict(list(self._pending.items())[:STREAMS_PER_READ])
            for stream in requests:
                del self._pending[stream]
            self._under_way += 1
            task = asyncio.ensure_future(self._read(requests))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read(self, requests: dict[Stream, tuple[int, asyncio.Future[Answer]]]) -> None:
        limit = ENTRIES_PER_PAGE * FULL_PAGE_STREAMS // max(FULL_PAGE_STREAMS, len(requests))
        numbers = {stream: number for stream, (number, _answer) in requests.items()}
        try:
            found = await self._in_thread(streams.after, numbers, limit)
        except Exception as failed:
            for _number, answer in requests.values():
                if not answer.done():
                    answer.set_exception(failed)
        else:
            for stream, (_number, answer) in requests.items():
                if not answer.done():
                    answer.set_result((found[stream], len(found[stream]) == limit))
        finally:
            self._under_way -= 1
            self._start()
