"""User text in a page. `common.html.render` made it HTML when it was saved."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import html

register = template.Library()


@register.filter
def prose(written: str) -> SafeString:
    """Rendered text unescaped; belongs in an element with the class `prose`."""
    return html.trusted(written)


@register.filter
def with_links(text: str) -> SafeString:
    """Plain text, such as a part of a mail, with its addresses as links."""
    return html.with_links(text)


@register.filter
def in_language(text: str, language: str) -> SafeString:
    """Plain text in an element that says its language, for a sentence that may be in another one."""
    return format_html('<span lang="{}">{}</span>', language, text)


@register.filter
def first_words(written: str, words: int = 26) -> str:
    """The first words of a rendered text without tags, for an entry of a list."""
    return html.plain(written, words)
