"""Finished pieces of pages, kept by the values they show.

A piece is drawn from nothing but a template (or a function), the active language, and plain values. All of
these are its key, so a kept piece is never out of date and nothing has to be invalidated: other values are
another piece. What is not in the key cannot be in the piece:

- a template gets the values and no request, so no user, CSRF token or nonce. Buttons in a piece send the
  form `act` of the page (`base.html`): `<button form="act" formaction="{{ url }}">`.
- values are text, numbers, and tuples of them (NamedTuples too), never a model, whose fields change.
- the clock is closed while a piece is drawn: "5 minutes ago" is passed in as words.

Pieces are kept in the memory of the process, the least recently used dropped first, within MAX_BYTES.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, cast

from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from common import clock

MAX_BYTES = 32 * 1024 * 1024
"""Memory for all pieces with their keys: about ten thousand replies."""
LARGEST_SHARE = 64
"""A piece larger than this part of the memory is not kept, since it would push out too many others."""
ENTRY_BYTES = 250
"""Roughly what an entry takes beside its values and its text."""

P = ParamSpec("P")
_plain_types = frozenset({str, SafeString, int, bool, type(None)})


class PieceStore:
    """Pieces by their keys, the least recently used dropped first. All threads may use it."""

    def __init__(self, max_bytes: int) -> None:
        self.bytes = 0
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[SafeString, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> SafeString | None:
        """The piece with this key, if it is kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, piece: SafeString) -> None:
        """Keep a piece, and drop others while there are too many."""
        size = ENTRY_BYTES + _size_of(key) + sys.getsizeof(piece)
        if size > self._max_bytes // LARGEST_SHARE:
            return
        with self._lock:
            if key in self._kept:  # drawn by another thread meanwhile
                return
            self._kept[key] = (piece, size)
            self.bytes += size
            while self.bytes > self._max_bytes:
                _key, (_piece, dropped) = self._kept.popitem(last=False)
                self.bytes -= dropped

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0


store = PieceStore(MAX_BYTES)


def draw(template: str, /, **shown: Any) -> SafeString:
    """The template rendered with these values alone, kept.

    Raises TypeError for a value that a piece may not show.
    """
    key = (template, get_language(), tuple(shown), *_identity(shown.values()))
    return _keep(key, lambda: cast(SafeString, get_template(template).render(shown)))


def draw_each(template: str, name: str, rows: Iterable[Hashable], /, **shown: Any) -> SafeString:
    """A piece for each of the rows, which the template gets by this name. A tag for each takes longer."""
    return SafeString("".join(draw(template, **{name: row}, **shown) for row in rows))


def piece(function: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """A function that makes HTML of its arguments alone (with `format_html`), with its results kept."""

    @wraps(function)
    def kept(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        key = (function, get_language(), tuple(kwargs), *_identity((*args, *kwargs.values())))
        return _keep(key, lambda: function(*args, **kwargs))

    return kept


def _keep(key: Hashable, make: Callable[[], SafeString]) -> SafeString:
    found = store.get(key)
    if found is None:
        with clock.closed():
            found = make()
        store.put(key, found)
    return found


def _identity(values: Iterable[Any]) -> tuple[Hashable, ...]:
    """What tells these values from all that would be drawn otherwise.

    Their types belong to it: 1 and True are equal, and so are a text and the same text marked as safe.
    """
    values = tuple(values)
    types = tuple(map(type, values))
    if _plain_types.issuperset(types):
        return (types, values)
    return (types, tuple(map(_identity_of, values)))


def _identity_of(value: Any) -> Hashable:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return _identity(value)
    if isinstance(value, Promise):  # a translated text, and the language is in the key
        return str(value)
    raise TypeError(f"a piece shows text, numbers and tuples of them, not {type(value).__name__}")


def _size_of(key: Any) -> int:
    size = sys.getsizeof(key)
    if isinstance(key, tuple):
        size += sum(_size_of(part) for part in key if isinstance(part, str | int | tuple))
    return size
