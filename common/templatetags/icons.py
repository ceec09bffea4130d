"""Icons beside words. They are decorative, so they are hidden from screen readers."""

from functools import lru_cache
from typing import cast

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def icon(name: str) -> SafeString:
    """One of Lucide's icons by its name, drawn in the colour of the text around it."""
    return cast(SafeString, lucide(name, size=24, aria_hidden="true", focusable="false", **{"class": "icon"}))
