"""What the page tells the script of the editor."""

import json

from django import template

from common.editing import EXTENSIONS

register = template.Library()


@register.simple_tag
def editor_extensions() -> str:
    """The extensions of the editor with their settings."""
    return json.dumps(EXTENSIONS, separators=(",", ":"))
