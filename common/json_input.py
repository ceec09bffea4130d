"""Reads JSON that a browser sent: drafts, and the commands of the socket."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Never

# Only an escape can bring these into a string: NUL, which PostgreSQL does not store, and halves of a
# character, which no database stores and no frame encodes.
_unstorable = re.compile(r"[\x00\ud800-\udfff]")


def read_object(raw: str | bytes | None) -> dict[str, Any] | None:
    """The JSON object in a text, without characters that cannot be stored; None for anything else.

    None as well for a key that stands twice, NaN and Infinity, numbers too large to be read, and what is
    nested too deep: no script of ours sends these.
    """
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw or ""
        found = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
        if "\\u" in text:
            found = _storable(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number too large")
    return number


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _unstorable.sub("", value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return _object([(_storable(key), _storable(each)) for key, each in value.items()])
    return value
