"""What was computed of the posts of spaces, remembered in the process while their tokens are the same."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from itertools import islice
from threading import Lock
from typing import Any, TypeVar

MAX_REMEMBERED = 4_000
"""Values: one of a month with its days takes about four kilobytes."""

V = TypeVar("V")

_lock = Lock()
_values: OrderedDict[Hashable, Any] = OrderedDict()


def remembered(
    find: Callable[[list[int]], Mapping[int, V]], tokens: Mapping[int, int], *also: Hashable
) -> dict[int, V]:
    """What `find` returns of these spaces, each with its token (`models.token_of`). It is asked for those
    whose token is new here; `also` is what else it depends on. Nobody changes the values.

    Tokens are read before what is found, never after: that may then be newer than its token, which nobody
    reads any more, but not older.
    """
    keys = {space: (find, space, token, *also) for space, token in tokens.items()}
    with _lock:
        known = {space: _values[key] for space, key in keys.items() if key in _values}
        for space in known:
            _values.move_to_end(keys[space])
    missing = [space for space in keys if space not in known]
    if missing:
        found = find(missing)
        with _lock:
            _values.update((keys[space], found[space]) for space in missing)
            for key in list(islice(_values, max(0, len(_values) - MAX_REMEMBERED))):
                del _values[key]
        known |= found
    return known


def clear() -> None:
    """Forget all."""
    with _lock:
        _values.clear()
