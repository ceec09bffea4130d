"""Dates and moments as people say them."""

from django import template

register = template.Library()
