"""The frame of a space's pages: its header, tabs, and what stands beside them; and the roles of authors."""

from typing import Any

from django import template
from django.template import Context, Template
from django.template.loader import get_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from common import pieces
from community.people.models import User
from community.spaces import frame
from community.spaces.kinds import Role, kind_of
from community.spaces.models import Space

NOTHING = SafeString("")

register = template.Library()


@register.simple_tag(takes_context=True)
def space_head(context: Context) -> SafeString:
    """The header of a space's pages, rendered by the subject that owns its kind."""
    request, space = context["request"], context["space"]
    kind = kind_of(space)
    return _included(context, kind.header, kind.header_context(request, space))


@register.simple_tag(takes_context=True)
def space_opening(context: Context) -> SafeString:
    """What stands before the content of a space's front page, by its kind."""
    request, space = context["request"], context["space"]
    kind = kind_of(space)
    return _included(context, kind.opening, kind.header_context(request, space)) if kind.opening else NOTHING


@register.simple_tag(takes_context=True)
def space_side(context: Context) -> SafeString:
    """What stands beside the content of a space's pages: the panels that subjects registered, among what its
    kind says there."""
    request, space = context["request"], context["space"]
    rendered = (_included(context, panel.template, panel.context(request, space)) for panel in frame.panels())
    panels, kind = format_html_join("", "{}", ((html,) for html in rendered)), kind_of(space)
    if not kind.side:
        return panels
    return _included(context, kind.side, kind.header_context(request, space) | {"panels": panels})


def _included(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    """A template within this page, as `{% include %}` draws it: not with a context of its own, for which all
    context processors would run again."""
    template: Template = get_template(name).template  # type: ignore[attr-defined]
    with context.push(**values):
        return template.render(context)


@register.simple_tag(takes_context=True)
def space_tabs(context: Context, current: str) -> SafeString:
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
