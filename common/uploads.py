"""How large a request body a view takes. The server asks before it reads one (config.http_protocol)."""

from collections.abc import Callable
from typing import Any

FORM_MARGIN_BYTES = 512 * 1024
"""Room for the other fields of a form with a file, and for what separates them."""

View = Callable[..., Any]


def takes_files(limit_bytes: int) -> Callable[[View], View]:
    """Let the server accept files of this size together at the URLs of a view.

    Everywhere else a body may have `BODY_LIMIT_BYTES`. A view that reads `request.FILES` needs this.
    """

    def mark(view: View) -> View:
        view.body_limit = limit_bytes + FORM_MARGIN_BYTES  # type: ignore[attr-defined]
        return view

    return mark


def body_limit_of(view: View, default: int) -> int:
    """The size of the largest request body that this view takes, in bytes."""
    return max(default, getattr(view, "body_limit", 0))
