"""Log formatters, and what they leave out.

No log contains user text, names, addresses or credentials (tickets, sessions). Our own messages contain
counts, codes and row ids only. Errors and messages of other packages quote values: PostgreSQL the row it
refused, the server the address and the ticket of a socket. So of an error we log its class, code and
traceback, and of a message of another package its format string without the arguments.
"""

import datetime as dt
import json
import logging
import re
import traceback
from collections.abc import Iterator

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from common.errors import describe

OTHER_PACKAGES = ("asyncio", "autobahn", "channels", "channels_redis", "daphne", "twisted")
"""Packages whose messages contain the repr of sockets and tasks."""
REFUSALS = (BadRequest, MultiPartParserError, PermissionDenied, SuspiciousOperation)
"""What a view or Django raises to answer 400 or 403."""
STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""Attributes of every record; all others were passed as `extra`."""


class LineFormatter(logging.Formatter):
    """For people: time, level, logger, message and extra fields in a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it."""
        parts = [f"{timestamp(record)} {record.levelname} {record.name}: {message_of(record)}"]
        parts += [f"{name}={value}" for name, value in extra_fields(record)]
        return "\n".join([" ".join(parts), *traceback_lines(record)])


class JsonFormatter(logging.Formatter):
    """For programs: a JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object without a line break."""
        line = dict(extra_fields(record)) | {
            "time": timestamp(record),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
        }
        if lines := list(traceback_lines(record)):
            line["error"] = "\n".join(lines)
        return json.dumps(line, ensure_ascii=False)


def timestamp(record: logging.LogRecord) -> str:
    """ISO 8601 in UTC, with milliseconds."""
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")


def message_of(record: logging.LogRecord) -> str:
    """The message: ours as it is, of other packages without the arguments."""
    if record.name.partition(".")[0] not in OTHER_PACKAGES:
        return record.getMessage()
    template = record.msg.partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
    return re.sub(r"%[-+ #0-9.]*[a-z]", "…", template) if record.args else template


def extra_fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """What was passed as `extra`, if it is a string or number."""
    for name, value in vars(record).items():
        if name not in STANDARD_FIELDS and (value is None or isinstance(value, (str, int, float))):
            yield name, value


def traceback_lines(record: logging.LogRecord) -> Iterator[str]:
    """The traceback and description of each error of the chain, the cause first. A request that was refused
    is no error of ours, and its record is one line."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, REFUSALS):
        return
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for each in reversed(chain):
        yield from "".join(traceback.format_tb(each.__traceback__)).splitlines()
        yield describe(each)
