"""The ticket of a page, for its socket."""

from typing import Any

from django import template

from messaging.live import ticket

register = template.Library()


@register.simple_tag(takes_context=True)
def live_ticket(context: dict[str, Any]) -> str:
    """The ticket of this page: for its reader's own stream and those the view added
    (`ticket.allow_stream`)."""
    return ticket.for_page(context["request"])
