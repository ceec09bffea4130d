"""The frame of a space's pages: its head, its tabs with what is new in them, and who somebody is there."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from community.people.models import User
from community.practices.unread import unread_practices
from community.spaces.faces import Hour, Tab, face_of
from community.spaces.models import Membership
from community.spaces.room import follow_live, member_of
from community.threads.keeping import can_keep, place_in_room
from community.threads.models import Reply, Thread
from community.threads.permissions import can_accept, can_edit, can_pin, can_restore, can_withdraw
from community.threads.unread import opens_at, unread_threads
from messaging.chat.history import unread_in

register = template.Library()

# The permissions, so that a template shows what an action would allow.
register.filter("may_edit", lambda user, post: can_edit(user, post))
register.filter("may_withdraw", lambda user, post: can_withdraw(user, post))
register.filter("may_restore", lambda user, post: can_restore(user, post))
register.filter("may_accept", lambda user, thread: can_accept(user, thread))
register.filter("may_pin", lambda user, thread: can_pin(user, thread))


@register.simple_tag(takes_context=True)
def space_head(context: dict[str, Any]) -> SafeString:
    """What stands at the head of a space's pages, made by the subject that owns its kind."""
    request, space = context["request"], context["space"]
    face = face_of(space)
    return render_to_string(face.template, {"space": space, **face.context(request, space)}, request)


@register.inclusion_tag("spaces/_room_fold.html", takes_context=True)
def room_fold(context: dict[str, Any]) -> dict[str, Any]:
    """The folded room: what is new in it, and when somebody will be there. Nothing for who is not in it."""
    request, space = context["request"], context["space"]
    member = member_of(space, request.user)
    if member is not None:
        follow_live(request, member)
    fold = {
        "member": member,
        "unread": unread_in(request.user.pk, [space.room_id]).get(space.room_id, 0),
        "hour": face_of(space).hour(request, space),
    }
    return {"fold": fold, "space": space, "user": request.user}


@register.simple_tag(takes_context=True)
def room_hour(context: dict[str, Any]) -> Hour | None:
    """When somebody will be in the room of this page's space, or that they are there."""
    return face_of(context["space"]).hour(context["request"], context["space"])


@register.simple_tag(takes_context=True)
def may_keep(context: dict[str, Any]) -> bool:
    """Whether the reader can keep what was said in this space's room."""
    return can_keep(context["request"].user, context["space"])


register.simple_tag(place_in_room)


@register.inclusion_tag("spaces/_tabs.html", takes_context=True)
def space_tabs(context: dict[str, Any], current: str) -> dict[str, Any]:
    """The tabs of a space, with the number of what is new; `current` is the page's own name."""
    request, space = context["request"], context["space"]
    new_threads = unread_threads(request.user, [space.pk]).get(space.pk, 0)
    new_practices = unread_practices(request.user, [space.pk]).get(space.pk, 0)
    words = (
        ("space", gettext("Conversations"), new_threads),
        ("space_questions", gettext("Questions"), 0),
        ("space_practices", gettext("Practices"), new_practices),
        ("space_people", gettext("People"), 0),
    )
    tabs = [(Tab(name, word, reverse(name, args=[space.pk])), new) for name, word, new in words]
    tabs += [(tab, 0) for tab in face_of(space).tabs(request, space)]
    return {"tabs": tabs, "current": current}


@register.filter
def role_in(person: User, roles: dict[int, str]) -> str:
    """What somebody is in a space, from the roles its page loaded at once; a participant is not named."""
    return roles.get(person.pk, "")


@register.filter
def trains_in(person: User, roles: dict[int, str]) -> bool:
    """Whether somebody is the trainer of a space, from the roles its page loaded at once."""
    return roles.get(person.pk) == Membership.Role.TRAINER


@register.filter
def opening(thread: Thread) -> str:
    """The address at which a conversation of a list opens for this reader."""
    return opens_at(thread)


@register.filter
def is_answer_of(reply: Reply, thread: Thread) -> bool:
    """Whether a reply is the accepted answer of its thread and stands."""
    return reply.pk == thread.answer_id and reply.withdrawn_at is None
