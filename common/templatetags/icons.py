"""Icons beside words. They are decorative, so they are hidden from screen readers."""

import re
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def icon(name: str) -> SafeString:
    """One of Lucide's icons by its name, drawn in the colour of the text around it.

    How its lines are drawn is said once, in the style sheet: a page has dozens of icons.
    """
    drawing = re.sub(r"^<svg[^>]*>|\s+(?=<|/>)", "", lucide(name))
    return SafeString(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{drawing}')
