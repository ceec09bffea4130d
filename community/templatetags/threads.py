"""Permissions and links of conversations; the permissions are those that the actions ask."""

from django import template

from community.threads.models import Reply, Thread
from community.threads.permissions import can_accept, can_pin
from community.threads.queries import opens_at

register = template.Library()

register.filter("may_accept", can_accept)
register.filter("may_pin", can_pin)


@register.filter
def opening(thread: Thread) -> str:
    """The address at which a thread of a list opens for this reader."""
    return opens_at(thread)


@register.filter
def is_answer_of(reply: Reply, thread: Thread) -> bool:
    """Whether a reply is the accepted answer of its thread and not withdrawn."""
    return reply.pk == thread.answer_id and reply.withdrawn_at is None
