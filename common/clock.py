"""The clock: all code gets the time here; lint bans the other ways.

A demo or a test moves it for all processes at once through a file that contains an offset in seconds
(`AFTERCOURSE_CLOCK_OFFSET_FILE`); production refuses to start with one.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen", default=None)
_CLOSED = dt.datetime.min.replace(tzinfo=dt.UTC)


def now() -> dt.datetime:
    """The current time, timezone-aware, in UTC."""
    if (moment := _frozen.get()) is not None:
        if moment is _CLOSED:
            raise RuntimeError("what is kept may not depend on the time (common.pieces)")
        return moment
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_offset())  # noqa: TID251


def today(zone: str) -> dt.date:
    """Today's date in the named time zone (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


def start_of_day(day: dt.date, zone: str) -> dt.datetime:
    """The first moment of a day in a zone, in UTC.

    Where daylight saving skips midnight, that is the first moment that exists.
    """
    local = dt.datetime.combine(day, dt.time.min, ZoneInfo(zone))
    moment = local.astimezone(dt.UTC)
    while moment.astimezone(ZoneInfo(zone)).date() < day:
        moment += dt.timedelta(minutes=15)
    return moment


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Freeze the clock of this thread or task at a moment, for the demo's past and for tests."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


def closed() -> AbstractContextManager[None]:
    """Let nothing in this thread or task ask for the time in this block, because its result is kept."""
    return at(_CLOSED)


def _offset() -> float:
    if not settings.CLOCK_OFFSET_FILE:
        return 0.0
    try:
        return float(Path(settings.CLOCK_OFFSET_FILE).read_text() or 0)
    except FileNotFoundError:
        return 0.0
