"""A kept piece in a template: `{% piece "threads/_reply.html" reply=shown %}`; a builtin of all templates."""

from django import template

from common import pieces

register = template.Library()

register.simple_tag(pieces.draw, name="piece")
