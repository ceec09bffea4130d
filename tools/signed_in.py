"""A mypy plugin: in our views `request.user` is a `User`.

LoginRequiredMiddleware protects every view, so a view need not exclude AnonymousUser for mypy. The few
that are open to visitors are decorated with `login_not_required` and check `is_authenticated`.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type
from mypy_django_plugin.lib import helpers

USER = "community.people.models.User"


def user_type(context: AttributeContext) -> Type:
    """The type of our user model, once mypy has analysed it."""
    found = helpers.lookup_fully_qualified_typeinfo(helpers.get_typechecker_api(context), USER)
    return Instance(found, []) if found else context.default_attr_type


class SignedIn(Plugin):
    """Sets the type of this one attribute."""

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """The type of `HttpRequest().user`."""
        return user_type if fullname == "django.http.request.HttpRequest.user" else None


def plugin(version: str) -> type[Plugin]:
    """The entry point for mypy."""
    return SignedIn
