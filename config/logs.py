"""How a line of the log looks, and what never gets into it.

What people write, their names and addresses, and what opens a door (tickets, sessions) are in nobody's log.
Our own lines name counts, codes and numbers of rows. What others raise and log quotes values: PostgreSQL the
row it refused, the server the address and the ticket of a socket. So of an error stay its kind, its code and
the way through the code, and of a line of others its words without what was filled in.
"""

import datetime as dt
import json
import logging
import re
import traceback
from collections.abc import Iterator

from common.errors import describe

FOREIGN = ("asyncio", "autobahn", "channels", "channels_redis", "daphne", "twisted")
"""Who logs sockets and tasks as they are, with all they hold."""
OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What every record has; anything beyond was given as `extra`."""


class Lines(logging.Formatter):
    """A line for people: when, how bad, who, what, and what else there is to know."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it what broke."""
        words = [f"{when(record)} {record.levelname} {record.name}: {said(record)}"]
        words += [f"{name}={value}" for name, value in more(record)]
        return "\n".join([" ".join(words), *what_broke(record)])


class JsonLines(logging.Formatter):
    """A line for programs: one object each."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object without a line break."""
        line = dict(more(record)) | {
            "time": when(record),
            "level": record.levelname,
            "logger": record.name,
            "message": said(record),
        }
        if broke := list(what_broke(record)):
            line["error"] = "\n".join(broke)
        return json.dumps(line, ensure_ascii=False)


def when(record: logging.LogRecord) -> str:
    """The moment, to the thousandth of a second."""
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")


def said(record: logging.LogRecord) -> str:
    """What was said: by us as it is, by others without what they filled in."""
    if record.name.partition(".")[0] not in FOREIGN:
        return record.getMessage()
    words = record.msg.partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
    return re.sub(r"%[-+ #0-9.]*[a-z]", "…", words) if record.args else words


def more(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """What was given as `extra`, as far as it is a plain word or number."""
    for name, value in vars(record).items():
        if name not in OWN and (value is None or isinstance(value, (str, int, float))):
            yield name, value


def what_broke(record: logging.LogRecord) -> Iterator[str]:
    """The way through the code to each error, the cause first, and its kind."""
    error = record.exc_info[1] if record.exc_info else None
    met: list[BaseException] = []
    while error is not None and error not in met:
        met.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for each in reversed(met):
        yield from "".join(traceback.format_tb(each.__traceback__)).splitlines()
        yield describe(each)
