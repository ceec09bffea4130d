"""What every form of a writer has; builtins of all templates (settings). Django has a `csrf_token` too."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from common.paths import path_of
from common.pieces import piece
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


@register.simple_tag
@piece
def draft_words() -> SafeString:
    """The words that the script of a draft says, and where it saves it: attributes of its element."""
    words = (
        ("restored", gettext("Draft from {time}, restored.")),
        ("discard", gettext("Discard the draft")),
        ("saved", gettext("Draft saved, {time}")),
        ("device", gettext("Saved on this device only.")),
        ("box", gettext("It is only in this box, so keep the page open.")),
        ("unsent", gettext("Not sent.")),
        ("unreachable", gettext("There’s no connection right now; please send it again in a moment.")),
        ("signed-out", gettext("You are signed out.")),
        ("sign-in", gettext("Sign in in another tab, then send it from here")),
        ("url", path_of("draft")),
    )
    return format_html_join(" ", 'data-{}="{}"', words)
