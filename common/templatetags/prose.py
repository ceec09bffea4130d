"""Text that somebody wrote, in a page. `common.html.render` made it HTML when it was saved."""

from django import template
from django.utils.safestring import SafeString

from common import html

register = template.Library()


@register.filter
def prose(written: str) -> SafeString:
    """A text that was rendered on save, as it is; stands inside an element with the class `prose`."""
    return html.trusted(written)


@register.filter
def first_words(written: str, words: int = 26) -> str:
    """How a rendered text begins, without its tags, for a line in a list."""
    return html.plain(written, words)
