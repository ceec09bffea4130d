"""Replaces Django's tag `csrf_token`; a builtin of all templates (settings)."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from community.people.unsent import WRITER_FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Any) -> str:
    """Django's hidden field, and one that names who this form is made for (`community.people.unsent`)."""
    user = context.get("user")
    writer = user.key if user is not None and user.is_authenticated else context.get("writer")
    return _fields(str(context.get("csrf_token") or ""), str(writer or ""))


@lru_cache(maxsize=64)  # for all forms of a page
def _fields(token: str, writer: str) -> str:
    fields = CsrfTokenNode().render(Context({"csrf_token": token}))
    if not fields or not writer:
        return fields
    return format_html('{}<input type="hidden" name="{}" value="{}">', fields, WRITER_FIELD, writer)
