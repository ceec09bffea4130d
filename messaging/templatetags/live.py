"""What a page needs for its socket."""

from typing import Any

from django import template

from messaging.live import ticket

register = template.Library()


@register.simple_tag(takes_context=True)
def live_ticket(context: dict[str, Any]) -> str:
    """The ticket of this page, for its reader's own stream and what the page has named before."""
    return ticket.for_page(context["request"])
