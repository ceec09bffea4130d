"""Kept pieces in a template, builtins of all of them: `{% piece "threads/_opening.html" post=opening %}`, and
`{% pieces "threads/_reply.html" "reply" replies thread=7 %}` for one of each of the replies."""

from django import template

from common import pieces

register = template.Library()

register.simple_tag(pieces.draw, name="piece")
register.simple_tag(pieces.draw_each, name="pieces")
