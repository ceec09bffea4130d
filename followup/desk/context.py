"""What the rail at the side of every page shows."""

from typing import Any

from django.http import HttpRequest


def rail(request: HttpRequest) -> dict[str, Any]:
    """The reader's spaces and desk."""
    return {}
