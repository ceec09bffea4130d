"""E-mail addresses as people read them."""

from django import template

from common import addresses

register = template.Library()

register.filter("readable_address", addresses.readable_address)
