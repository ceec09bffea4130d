"""Which tests also run on PostgreSQL: those whose outcome may differ from SQLite.

`make test` runs every test on SQLite and then these on PostgreSQL. A new test module belongs here when the
code it tests locks rows, relies on a constraint to refuse the second of two, or sends SQL that the two
databases may read differently. tests/test_house.py fails when a module that looks so matches no pattern.
"""

from fnmatch import fnmatch
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PATTERNS = (
    # Locks, unique constraints and races: SQLite has one writer at a time, PostgreSQL many.
    "*/test_*actions.py",
    "*/test_*invitations.py",
    "*/test_*privacy.py",
    "*/test_*roles.py",
    "community/erasure/*",
    "community/institutes/*",
    "community/people/test_belonging.py",
    "community/people/test_limits.py",
    "community/people/test_mailbox_secrets.py",
    "community/people/test_sign_in.py",
    "community/people/test_drafts.py",
    "common/test_rows.py",
    "community/rooms/*",
    "community/threads/test_numbers.py",
    "community/threads/test_saving_from_room.py",
    "config/test_administration.py",
    "config/test_health.py",
    "followup/completions/test_command.py",
    "followup/completions/test_preview.py",
    "followup/courses/*",
    "followup/demo/test_programme.py",
    "followup/demo/test_seed.py",
    "followup/materials/*",
    "followup/months/test_extending.py",
    "followup/months/test_locks.py",
    "followup/months/test_on_hand.py",
    "followup/months/test_opening.py",
    "followup/months/test_zone_moves.py",
    "messaging/chat/*",
    "messaging/files/*",
    "messaging/live/test_catch_up.py",
    "messaging/live/test_poll.py",
    "messaging/live/test_reconcile.py",
    "messaging/live/test_ticket.py",
    # Due work is claimed with SELECT FOR UPDATE SKIP LOCKED where there is such a thing.
    "*/test_*jobs*.py",
    "*/test_*due*.py",
    "*/test_*housekeeping*.py",
    "followup/live_hours/*",
    "messaging/jobs/*",
    "messaging/notifications/*",
    # SQL that orders, groups, searches, compares text without case, or reads JSON.
    "*/test_*models.py",
    "*/test_*news.py",
    "*/test_*permissions.py",
    "*/test_*queries.py",
    "*/test_*search*.py",
    "*/test_*unread*.py",
    "community/posts/*",
    "community/spaces/*",
    "followup/desk/*",
    "followup/overview/*",
    "followup/steps/*",
    # Every page as everybody, and what no page sends.
    "test_access_table.py",
    "test_fuzz.py",
    "test_socket_table.py",
    # Errors that quote values.
    "config/test_logs*.py",
    # What only one of them can do: statements with a time limit, a full disk.
    "common/test_database.py",
    "common/test_statements.py",
    "test_statements.py",
    "config/test_full_disk.py",
)
"""Paths below tests/, as shell patterns; `*` also matches a slash."""


def matches(path: Path, pattern: str) -> bool:
    """Whether a pattern is about a test module."""
    return fnmatch(path.relative_to(TESTS).as_posix(), pattern)


def runs_on_postgres(path: Path) -> bool:
    """Whether a test module is one of them."""
    return any(matches(path, pattern) for pattern in PATTERNS)
