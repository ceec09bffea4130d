"""The frame of a space's pages: its header, panels and tabs; and the roles of authors."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from common import pieces
from community.people.models import User
from community.spaces import frame
from community.spaces.kinds import Role, kind_of
from community.spaces.models import Space

register = template.Library()


@register.simple_tag(takes_context=True)
def space_head(context: dict[str, Any]) -> SafeString:
    """The header of a space's pages, rendered by the subject that owns its kind."""
    request, space = context["request"], context["space"]
    kind = kind_of(space)
    return render_to_string(kind.header, {"space": space, **kind.header_context(request, space)}, request)


@register.simple_tag(takes_context=True)
def space_panels(context: dict[str, Any]) -> SafeString:
    """The panels that subjects registered for every page of a space."""
    request, space = context["request"], context["space"]
    rendered = (
        render_to_string(panel.template, {"space": space, **panel.context(request, space)}, request)
        for panel in frame.panels()
    )
    return format_html_join("", "{}", ((html,) for html in rendered))


@register.simple_tag(takes_context=True)
def space_tabs(context: dict[str, Any], current: str) -> SafeString:
    """The tabs of a space with their unread counts; `current` is the URL name of the page's own tab."""
    tabs = tuple(frame.tabs_of(context["request"], context["space"]))
    return pieces.draw("spaces/_tabs.html", tabs=tabs, current=current)


@register.filter
def role_in(person: User, roles: dict[int, Role]) -> Role | None:
    """A user's role in a space, from those the view loaded; None without a badge."""
    return roles.get(person.pk)


@register.filter
def badge_in(person: User, roles: dict[int, Role]) -> str:
    """The modifier of a user's badge and avatar; empty without a badge."""
    role = roles.get(person.pk)
    return role.badge if role else ""


@register.filter
def badged_roles(space: Space) -> list[Role]:
    """The roles of a space that are shown beside a name."""
    return [role for role in kind_of(space).roles if role.badge]


@register.filter
def badge_named(name: str, space: Space) -> str:
    """The modifier of the badge of a role by its name; empty for a role without one."""
    return next((role.badge for role in kind_of(space).roles if role.name == name), "")
