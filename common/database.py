"""What a full disk or a database that is away means for a request, and how long a statement may take."""

import errno
import logging
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=models.Model)

STATEMENT_TIMEOUT_MS = 15_000
LOG_INTERVAL_SECONDS = 60.0
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
NO_ROOM_ON_SQLITE = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_READONLY")
NO_ROOM_ON_POSTGRES = ("53100", "25006")
"""disk_full; read_only_sql_transaction."""
CANCELLED_ON_POSTGRES = "57014"
"""query_canceled."""

logger = logging.getLogger("aftercourse.database")
_logged_at = float("-inf")


def limit_statement_time() -> None:
    """Have PostgreSQL cancel statements of this process after `STATEMENT_TIMEOUT_MS`.

    For what serves people and runs jobs, before its first connection. A management command such as `migrate`
    takes as long as it needs.
    """
    if connection.vendor == "postgresql":
        options = connection.settings_dict["OPTIONS"]
        options["options"] = (
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} {options.get('options', '')}".strip()
        )


def cannot_write(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that nothing can be stored: the disk is full or was made
    read-only."""
    return any(
        str(getattr(each, "sqlite_errorname", None)).startswith(NO_ROOM_ON_SQLITE)
        or getattr(each, "sqlstate", None) in NO_ROOM_ON_POSTGRES
        or (isinstance(each, OSError) and each.errno in NO_ROOM)
        for each in _with_causes(error)
    )


def took_too_long(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that PostgreSQL cancelled a statement after its time."""
    return any(getattr(each, "sqlstate", None) == CANCELLED_ON_POSTGRES for each in _with_causes(error))


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be reached, or does not answer in time."""
    return isinstance(error, (OperationalError, InterfaceError)) and not cannot_write(error)


def get_or_create_all(
    keys: Collection[K], find: Callable[[], dict[K, R]], make: Callable[[K], R]
) -> tuple[dict[K, R], set[K]]:
    """The rows with these keys, and the keys of those that are new: `get_or_create` for many, in as many
    statements as for one. `find` returns the rows that exist, `make` an unsaved one."""
    while True:
        found = find()
        new = {key: make(key) for key in keys if key not in found}
        try:
            if new:
                with transaction.atomic():
                    type(next(iter(new.values())))._default_manager.bulk_create(new.values())
            return found | new, set(new)
        except IntegrityError:
            # Another process inserted one of them between our query and our insert.
            if find().keys() <= found.keys():
                raise


@contextmanager
def if_there_is_room() -> Iterator[None]:
    """Write what a page can do without, such as a mark of what was read. If nothing can be stored, the page
    goes on without it."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if not cannot_write(error):
            raise
        log_no_room()


def log_no_room() -> None:
    """Log that nothing can be stored, once a minute: the log may be on the same disk."""
    global _logged_at
    if monotonic() - _logged_at >= LOG_INTERVAL_SECONDS:
        _logged_at = monotonic()
        logger.error("Nothing can be stored: the disk of the database is full or read-only")
