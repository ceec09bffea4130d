"""What the sign-in page and the rail know of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from followup.demo import people


def demo(request: HttpRequest) -> dict[str, Any]:
    """The people to be, looked up only by a template that shows them; nothing outside the demo."""
    return {"in_demo": True, "demo_casts": people.to_be} if settings.DEMO_SIGN_IN else {}
