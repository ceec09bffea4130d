"""Log formatters, and what they leave out.

No log contains user text, names, addresses or credentials (tickets, sessions). Our own messages contain
counts, codes and row ids only. Errors and messages of other packages quote values: PostgreSQL the row it
refused, the server the address and the ticket of a socket, Django the path, which may hold the name of a file
or a link that lets somebody in. So of an error we log its class, code and traceback, of a message of another
package its format string without the arguments, and of a path the pattern of our URL that it matched.
"""

import datetime as dt
import json
import logging
import re
import traceback
from collections.abc import Iterator
from time import monotonic

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from common.database import cannot_write
from common.errors import describe

OWN_LOGGERS = ("aftercourse", "root")
"""Loggers whose messages are ours and stay as they are."""
NO_ROUTE = "(no page of ours)"
UNKNOWN_HOST_SECONDS = 600.0
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
    if record.name.partition(".")[0] in OWN_LOGGERS:
        return record.getMessage()
    if (request := getattr(record, "request", None)) is not None:
        return f"{_what_happened(record)}: {getattr(request, 'method', '')} {route_of(request)}"
    template = record.msg.partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
    return re.sub(r"%[-+ #0-9.]*[a-z]", "…", template) if record.args else template


def route_of(request: object) -> str:
    """The pattern of the URL that a request matched."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else NO_ROUTE


def _what_happened(record: logging.LogRecord) -> str:
    """What Django says of a request: kind, status, and why a form is refused, without what was sent."""
    kind = record.name.removeprefix("django.").removeprefix("security.")
    parts = [kind, str(getattr(record, "status_code", ""))]
    if kind == "csrf" and isinstance(record.args, tuple) and record.args:
        # Behind the dash it quotes what was sent.
        parts.append(f"({str(record.args[0]).partition(' - ')[0]})")
    return " ".join(part for part in parts if part)


class UnknownHostFilter(logging.Filter):
    """Scanners ask for unknown hosts all day, and an administrator forgets one: one line in ten minutes."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is logged, and then in words that say what to do."""
        if monotonic() - self._logged_at < UNKNOWN_HOST_SECONDS:
            return False
        self._logged_at = monotonic()
        record.name, record.args, record.exc_info = "aftercourse.server", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = (
            "A request for a host that AFTERCOURSE_HOSTS does not name was answered with 400. If people, a "
            "proxy or a health check use it, name it there (logged once in ten minutes)"
        )
        return True


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
    if error is not None and cannot_write(error):
        yield describe(error)  # the log may be on the same full disk
        return
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for each in reversed(chain):
        yield from "".join(traceback.format_tb(each.__traceback__)).splitlines()
        yield describe(each)
