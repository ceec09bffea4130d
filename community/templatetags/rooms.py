"""Tags of rooms."""

from typing import Any

from django import template

from community.rooms.queries import message_path
from community.spaces.kinds import Hour, kind_of

register = template.Library()
register.simple_tag(message_path)


@register.simple_tag(takes_context=True)
def room_hour(context: dict[str, Any]) -> Hour | None:
    """When somebody will be in the room of this page's space, or is there now."""
    return kind_of(context["space"]).hour(context["request"], context["space"])
