"""Reading the log for many streams at once.

What is asked while others are being read waits for them and is then read together: one page of one room costs
as many queries as a page of fifty, and after a restart all rooms are asked for in the same seconds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from messaging.live import streams
from messaging.live.streams import Entry, Stream

TOGETHER = 50
"""Streams that are read at once, at most."""
AT_ONCE = 2
"""Readings that may be under way."""
FEW = 4
"""Streams that may each be given a whole page; with more, each gets its share of one and asks again."""

logger = logging.getLogger("aftercourse.live")
InThread = Callable[..., Awaitable[Any]]


class LogReader:
    """What waits to be read in this process."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._waiting: dict[Stream, tuple[int, asyncio.Future[tuple[list[Entry], bool]]]] = {}
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def after(self, stream: Stream, number: int) -> tuple[list[Entry], bool]:
        """What came after a number, oldest first, and whether there may be more. One asking for a stream at a
        time: who asked before has let go of the stream. Raises what the database raised."""
        if stream in self._waiting:
            self._waiting.pop(stream)[1].cancel()
        answer: asyncio.Future[tuple[list[Entry], bool]] = asyncio.get_running_loop().create_future()
        self._waiting[stream] = (number, answer)
        self._begin()
        return await answer

    def _begin(self) -> None:
        while self._waiting and self._under_way < AT_ONCE:
            asked = dict(list(self._waiting.items())[:TOGETHER])
            for stream in asked:
                del self._waiting[stream]
            self._under_way += 1
            task = asyncio.ensure_future(self._read(asked))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read(self, asked: dict[Stream, tuple[int, asyncio.Future[tuple[list[Entry], bool]]]]) -> None:
        limit = streams.PAGE * FEW // max(FEW, len(asked))
        numbers = {stream: number for stream, (number, _answer) in asked.items()}
        try:
            found = await self._in_thread(streams.after, numbers, limit)
        except Exception as failed:
            for _number, answer in asked.values():
                if not answer.done():
                    answer.set_exception(failed)
        else:
            for stream, (_number, answer) in asked.items():
                if not answer.done():
                    answer.set_result((found[stream], len(found[stream]) == limit))
        finally:
            self._under_way -= 1
            self._begin()
