"""Replaces Django's tag `csrf_token`; a builtin of all templates (settings)."""

from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from community.people.unsent import WRITER_FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Any) -> str:
    """Django's hidden field, and one that names who this form is made for (`community.people.unsent`)."""
    token = CsrfTokenNode().render(context)
    user = context.get("user")
    writer = user.key if user is not None and user.is_authenticated else context.get("writer")
    if not token or not writer:
        return token
    return format_html('{}<input type="hidden" name="{}" value="{}">', token, WRITER_FIELD, writer)
