"""The sanitiser: bleach with a list of tags, attributes and protocols. Everything else is removed."""

import re
import threading
from collections.abc import Collection, Mapping

from bleach.sanitizer import Cleaner

# While bleach runs, private-use characters stand in for the few entities that texts mostly have: each entity
# costs its parser a tenth of a millisecond, and there may be thousands. They are turned back into entities.
PLACEHOLDERS = {"&amp;": "\ue000", "&lt;": "\ue001", "&gt;": "\ue002", "&quot;": "\ue003"}
PLACEHOLDER = re.compile(f"[{''.join(PLACEHOLDERS.values())}]")


class Sanitiser:
    """Reduces HTML to what is allowed. Each thread has a cleaner of its own, which has state and takes as
    long to make as a short text to clean."""

    def __init__(
        self, tags: frozenset[str], attributes: Mapping[str, Collection[str]], protocols: frozenset[str]
    ) -> None:
        self._allowed = {
            "tags": tags,
            "attributes": {tag: list(names) for tag, names in attributes.items()},
            "protocols": protocols,
        }
        self._thread = threading.local()

    def clean(self, html: str) -> str:
        """The same HTML reduced to what is allowed. Idempotent."""
        escaped = PLACEHOLDER.sub("", html)
        for entity, char in PLACEHOLDERS.items():
            escaped = escaped.replace(entity, char)
        cleaned: str = self._cleaner.clean(escaped)
        for entity, char in PLACEHOLDERS.items():
            cleaned = cleaned.replace(char, entity)
        return cleaned.strip()

    @property
    def _cleaner(self) -> Cleaner:
        if not hasattr(self._thread, "cleaner"):
            self._thread.cleaner = Cleaner(**self._allowed, strip=True)
        cleaner: Cleaner = self._thread.cleaner
        return cleaner
