"""Who has contributed to a month: a month with contributors is not deleted, and they are not removed from it.

Each subject registers a function that finds its contributors; withdrawn contributions count too.
"""

from collections.abc import Callable

from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from followup.months.models import Extension, Month
from messaging.chat.history import writers_in

_finders: dict[str, Callable[[Month], set[int | None]]] = {}


def register_contributors(name: str, find: Callable[[Month], set[int | None]]) -> None:
    """Register a function that returns user ids; None for an erased person. Registering again replaces."""
    _finders[name] = find


def contributors_in(month: Month) -> set[int | None]:
    """The ids of everybody who has contributed to this month."""
    return {user for find in _finders.values() for user in find(month)}


def _in_space(month: Month) -> set[int | None]:
    space = month.space
    found: set[int | None] = set(writers_in(space.room))
    found |= set(Thread.objects.filter(space=space).values_list("author", flat=True))
    found |= set(Reply.objects.filter(thread__space=space).values_list("author", flat=True))
    found |= set(Comment.objects.filter(practice__space=space).values_list("author", flat=True))
    return found | set(Practice.objects.filter(space=space).values_list("author", flat=True))


def _extended(month: Month) -> set[int | None]:
    return set(Extension.objects.filter(month=month).values_list("extended_by", flat=True))


def register() -> None:
    """Register the contributions that every month has."""
    register_contributors("space", _in_space)
    register_contributors("extensions", _extended)
