"""The frame of a space's pages: its head, panels and tabs; and the roles of authors."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from community.people.models import User
from community.spaces import frame
from community.spaces.faces import face_of
from community.spaces.models import Membership

register = template.Library()


@register.simple_tag(takes_context=True)
def space_head(context: dict[str, Any]) -> SafeString:
    """The head of a space's pages, rendered by the subject that owns its kind."""
    request, space = context["request"], context["space"]
    face = face_of(space)
    return render_to_string(face.template, {"space": space, **face.context(request, space)}, request)


@register.simple_tag(takes_context=True)
def space_panels(context: dict[str, Any]) -> SafeString:
    """The panels that subjects registered for every page of a space."""
    request, space = context["request"], context["space"]
    rendered = (
        render_to_string(panel.template, {"space": space, **panel.context(request, space)}, request)
        for panel in frame.panels()
    )
    return format_html_join("", "{}", ((html,) for html in rendered))


@register.inclusion_tag("spaces/_tabs.html", takes_context=True)
def space_tabs(context: dict[str, Any], current: str) -> dict[str, Any]:
    """The tabs of a space with their unread counts; `current` is the URL name of the page's own tab."""
    return {"tabs": frame.tabs_of(context["request"], context["space"]), "current": current}


@register.filter
def role_in(person: User, roles: dict[int, str]) -> str:
    """Somebody's role in a space, from the roles the view loaded at once; empty for a participant."""
    return roles.get(person.pk, "")


@register.filter
def trains_in(person: User, roles: dict[int, str]) -> bool:
    """Whether somebody is a trainer of the space, from the roles the view loaded at once."""
    return roles.get(person.pk) == Membership.Role.TRAINER
