"""The template tag of pagination."""

from django import template

from common.paging import page_numbers

register = template.Library()
register.simple_tag(page_numbers)
