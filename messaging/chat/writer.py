"""The writer: one thread per process that takes all queued messages and commits them together.

A transaction costs much more than a row, so the messages that arrive during one commit go into the next one
together (group commit); a message that arrives alone is committed at once. Senders are answered and hints are
published only after the commit.
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

MESSAGES_PER_BATCH = 64
"""Messages one transaction inserts at most; bench/chat_accept.py shows no gain from more."""
MAX_QUEUED_MESSAGES = 2_000
"""Messages that may be queued; with more the answer is `busy`, and the sender retries."""
FLUSH_MARKS_SECONDS = 2.0
"""Interval at which queued read marks are written."""
MIN_WAIT_SECONDS = 0.01
"""The shortest wait for a message, so that the thread never spins."""

OnOutcome = Callable[[Outcome | None], None]
"""Called in the event loop with the outcome of a message; None when it was not committed and may be sent
again."""

logger = logging.getLogger("aftercourse.chat")


@dataclass(slots=True)
class QueuedMessage:
    """A message to be inserted, and whom to answer in which event loop."""

    message: NewMessage
    on_outcome: OnOutcome
    loop: asyncio.AbstractEventLoop


class Writer:
    """The thread, its queue, and its own database connection; one per process."""

    def __init__(self) -> None:
        self._queue: queue.Queue[QueuedMessage | None] = queue.Queue()
        self._finishing = threading.Event()
        self._flushed_at = monotonic()
        self._thread = threading.Thread(target=self._run, name="chat-writer", daemon=True)
        self._thread.start()

    def send(self, message: NewMessage, on_outcome: OnOutcome) -> None:
        """Queue a message. Called in an event loop, in which `on_outcome` is called later."""
        if self._finishing.is_set():
            return  # not acknowledged, so the sender retries with another server
        if self._queue.qsize() >= MAX_QUEUED_MESSAGES:
            metrics.REFUSED.labels("busy").inc()
            on_outcome(None)
        else:
            self._queue.put(QueuedMessage(message, on_outcome, asyncio.get_running_loop()))

    def read(self, room: int, user: int, number: int) -> None:
        """Queue a read mark: this user has read this room up to a number."""
        if read_state.queue_mark(room, user, number):
            self._queue.put(None)  # wakes the thread, which then waits at most FLUSH_MARKS_SECONDS

    def finish(self, timeout: float) -> None:
        """Accept nothing more and commit what is queued; returns when that is done or the timeout (seconds)
        is over."""
        self._finishing.set()
        self._queue.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        mentions.notify_in_background()
        while not (self._finishing.is_set() and self._queue.empty()):
            batch = self._next_batch()
            if batch:
                self._answer(batch, self._commit([queued.message for queued in batch]))
            if monotonic() - self._flushed_at >= FLUSH_MARKS_SECONDS or self._finishing.is_set():
                self._flush_marks()
        connection.close()

    def _next_batch(self) -> list[QueuedMessage]:
        """All messages queued now; waits for the first one, but no longer than read marks may wait."""
        timeout = None
        if read_state.marks_pending():
            timeout = max(MIN_WAIT_SECONDS, self._flushed_at + FLUSH_MARKS_SECONDS - monotonic())
        items: list[QueuedMessage | None] = []
        try:
            items.append(self._queue.get(timeout=timeout))
            while len(items) < MESSAGES_PER_BATCH:
                items.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return [queued for queued in items if queued is not None]

    def _commit(self, messages: list[NewMessage]) -> list[Outcome | None]:
        """Commit messages together; when the database refuses the batch, one by one, so that a bad row does
        not fail the others."""
        try:
            return list(self._insert(messages))
        except (OperationalError, InterfaceError) as failed:
            # The connection, a timeout or the disk: no other batch would fare better now. Senders retry.
            logger.warning("Messages were not committed (%s); senders retry", type(failed).__name__)
            connection.close()
        except Exception:
            if len(messages) > 1:
                return [outcome for message in messages for outcome in self._commit([message])]
            logger.exception("A message could not be committed")
        metrics.REFUSED.labels("failed").inc(len(messages))
        return [None] * len(messages)

    def _insert(self, messages: Sequence[NewMessage]) -> Sequence[Outcome]:
        """One transaction; retried once if the connection turns out to have broken while it was idle."""
        metrics.BATCH_SIZE.observe(len(messages))
        with metrics.COMMIT.time():
            try:
                return insert_messages(messages)
            except (OperationalError, InterfaceError):
                if connection.connection is not None and connection.is_usable():
                    raise
                connection.close()
                return insert_messages(messages)

    def _answer(self, batch: list[QueuedMessage], outcomes: Sequence[Outcome | None]) -> None:
        """Call back the senders, each in its event loop."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[OnOutcome, Outcome | None]]] = {}
        for queued, outcome in zip(batch, outcomes, strict=True):
            by_loop.setdefault(queued.loop, []).append((queued.on_outcome, outcome))
        for loop, callbacks in by_loop.items():
            try:
                loop.call_soon_threadsafe(_call_all, callbacks)
            except RuntimeError:
                logger.info("The event loop closed before senders were answered; they retry elsewhere")

    def _flush_marks(self) -> None:
        self._flushed_at = monotonic()
        try:
            read_state.flush_marks()
        except Error as failed:
            logger.warning("Read marks could not be written (%s)", type(failed).__name__)
            connection.close()
        except Exception:  # accepting messages must continue
            logger.exception("Read marks could not be written")


def _call_all(callbacks: Sequence[tuple[OnOutcome, Outcome | None]]) -> None:
    for on_outcome, outcome in callbacks:
        on_outcome(outcome)


@cache
def writer() -> Writer:
    """The writer of this process, started at the first call."""
    return Writer()


def finish(timeout: float) -> None:
    """Commit the queued messages before the process ends, within a timeout in seconds."""
    if writer.cache_info().currsize:
        writer().finish(timeout)
