"""The one writer of a process: takes all messages that wait and commits them together.

A transaction costs much more than a row, so what came while the last one was committed goes into the next one
together; a message that comes alone is committed at once. Only after the commit is anybody answered or told.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.db import Error, InterfaceError, OperationalError, connection

from messaging.chat import mentions, metrics, read_state
from messaging.chat.posting import NewMessage, Outcome, insert_messages

TOGETHER = 64
"""Messages one transaction takes at most."""
WAITING = 2_000
"""Messages that may wait; with more the sender is told that we are busy, and keeps theirs."""
MARKS = 2.0
"""Seconds between two writings of how far people have read."""

Answer = Callable[[Outcome | None], None]
"""Called in the loop with what became of a message; None when it could not be committed and may come
again."""

logger = logging.getLogger("aftercourse.chat")


@dataclass(slots=True)
class Waiting:
    """A message that waits, and who wants to know."""

    message: NewMessage
    answer: Answer
    loop: asyncio.AbstractEventLoop


class Writer:
    """A thread that lives as long as its process, with its own connection to the database."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Waiting | None] = queue.Queue()
        self._finishing = threading.Event()
        self._marks_at = monotonic()
        self._thread = threading.Thread(target=self._run, name="chat-writer", daemon=True)
        self._thread.start()

    def send(self, message: NewMessage, answer: Answer) -> None:
        """Have a message committed; `answer` is called in the loop this is called in."""
        if self._finishing.is_set():
            return  # not acknowledged, so it comes again, to whoever serves then
        if self._waiting.qsize() >= WAITING:
            metrics.REFUSED.labels("busy").inc()
            answer(None)
        else:
            self._waiting.put(Waiting(message, answer, asyncio.get_running_loop()))

    def read(self, room: int, user: int, number: int) -> None:
        """Have it written, in a while, that somebody read a room up to a number."""
        if read_state.queue_mark(room, user, number):
            self._waiting.put(None)

    def finish(self, seconds: float) -> None:
        """Take nothing more and commit what waits; returns when it is done, or the time is up."""
        self._finishing.set()
        self._waiting.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        mentions.tell_apart()
        while not (self._finishing.is_set() and self._waiting.empty()):
            batch = self._next()
            if batch:
                self._answer(batch, self._commit([waiting.message for waiting in batch]))
            if monotonic() - self._marks_at >= MARKS or self._finishing.is_set():
                self._write_marks()
        connection.close()

    def _next(self) -> list[Waiting]:
        """All that waits now; waits for the first, and no longer than marks may wait."""
        until = max(0.01, self._marks_at + MARKS - monotonic()) if read_state.marks_pending() else None
        found: list[Waiting | None] = []
        try:
            found.append(self._waiting.get(timeout=until))
            while len(found) < TOGETHER:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return [waiting for waiting in found if waiting is not None]

    def _commit(self, messages: list[NewMessage]) -> list[Outcome | None]:
        """Commit them together; one that the database cannot take does not hold up the others."""
        try:
            return list(self._store(messages))
        except (OperationalError, InterfaceError) as failed:
            # The line to the database, or its disk. Nobody was answered, so everybody sends again.
            logger.warning("Messages were not committed (%s); their senders try again", type(failed).__name__)
            connection.close()
        except Exception:
            if len(messages) > 1:
                return [outcome for message in messages for outcome in self._commit([message])]
            logger.exception("A message could not be committed")
        metrics.REFUSED.labels("failed").inc(len(messages))
        return [None] * len(messages)

    def _store(self, messages: Sequence[NewMessage]) -> Sequence[Outcome]:
        """One transaction. A line to the database that broke while nobody used it is taken up again once."""
        metrics.BATCH_SIZE.observe(len(messages))
        with metrics.COMMIT.time():
            try:
                return insert_messages(messages)
            except (OperationalError, InterfaceError):
                if connection.connection is not None and connection.is_usable():
                    raise
                connection.close()
                return insert_messages(messages)

    def _answer(self, batch: list[Waiting], outcomes: Sequence[Outcome | None]) -> None:
        """Tell the senders, in their loop."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Answer, Outcome | None]]] = {}
        for waiting, outcome in zip(batch, outcomes, strict=True):
            by_loop.setdefault(waiting.loop, []).append((waiting.answer, outcome))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(_tell, answers)
            except RuntimeError:
                logger.info("The server ended before its senders were answered; they ask again elsewhere")

    def _write_marks(self) -> None:
        self._marks_at = monotonic()
        try:
            read_state.flush_marks()
        except Error as failed:
            logger.warning("How far people have read could not be written (%s)", type(failed).__name__)
            connection.close()
        except Exception:  # whatever it is, messages are still taken
            logger.exception("How far people have read could not be written")


def _tell(answers: list[tuple[Answer, Outcome | None]]) -> None:
    for answer, outcome in answers:
        answer(outcome)


@cache
def writer() -> Writer:
    """The writer of this process; it begins with the first message."""
    return Writer()


def finish(seconds: float) -> None:
    """Commit what waits before the process ends."""
    if writer.cache_info().currsize:
        writer().finish(seconds)
