"""The code on the printed sheet of a practice."""

import segno
from django import template
from django.utils.safestring import SafeString

from common.pieces import piece

register = template.Library()


@register.simple_tag
@piece
def qr_code(url: str) -> SafeString:
    """A QR code with a URL, as an SVG that takes its size and colour from the style sheet. Making one takes
    milliseconds, so it is kept."""
    code = segno.make(url, error="m", micro=False)
    drawn: str = code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return SafeString(drawn.replace("<svg ", '<svg class="qr" aria-hidden="true" ', 1))
