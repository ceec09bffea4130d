"""A plugin for mypy: in our views `request.user` is somebody.

LoginRequiredMiddleware stands before every view, so a view need not prove to mypy that its reader is no
AnonymousUser. The few that are open to visitors carry `login_not_required`, and ask `is_authenticated`.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type
from mypy_django_plugin.lib import helpers

USER = "community.people.models.User"


def somebody(context: AttributeContext) -> Type:
    """The type of our own user, once mypy has read its model."""
    found = helpers.lookup_fully_qualified_typeinfo(helpers.get_typechecker_api(context), USER)
    return Instance(found, []) if found else context.default_attr_type


class SignedIn(Plugin):
    """Answers for the one attribute, and leaves all others to the plugins after it."""

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """The type of `HttpRequest().user`."""
        return somebody if fullname == "django.http.request.HttpRequest.user" else None


def plugin(version: str) -> type[Plugin]:
    """Where mypy comes in."""
    return SignedIn
