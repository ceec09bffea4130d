"""Permissions and links of conversations; the permissions are those that the actions check."""

from django import template

from community.threads.models import Reply, Thread
from community.threads.permissions import can_accept, can_open_to_everyone, can_pin
from community.threads.queries import url_at_first_new

register = template.Library()

register.filter("may_accept", can_accept)
register.filter("may_pin", can_pin)
register.filter("may_open_to_everyone", can_open_to_everyone)


@register.filter
def opening(thread: Thread) -> str:
    """The URL at which a thread of a list opens for this reader."""
    return url_at_first_new(thread)


@register.filter
def is_answer_of(reply: Reply, thread: Thread) -> bool:
    """Whether a reply is the accepted answer of its thread and not withdrawn."""
    return reply.pk == thread.answer_id and reply.withdrawn_at is None
