"""Template context of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from followup.demo import people


def demo(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the people to sign in as, queried when a template reads them."""
    return {"in_demo": True, "demo_casts": people.sign_in_choices} if settings.DEMO_SIGN_IN else {}
