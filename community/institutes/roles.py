"""Listeners for the end and the beginning of roles at institutes.

Institutes do not know what depends on a role, such as memberships of the institute's spaces. The subject that
owns them registers a listener, which is called in the transaction that ends or begins the role.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models.signals import post_delete

from community.institutes.models import Institute, Staff
from community.people import belonging

if TYPE_CHECKING:
    from community.people.models import User

RoleListener = Callable[["User", Institute, str], None]
"""Called with the person, the institute and the role."""

_ended: list[RoleListener] = []
_given: list[RoleListener] = []


def on_role_ended(listener: RoleListener) -> None:
    """Register a function to call when a role has ended, in the same transaction."""
    _ended.append(listener)


def on_role_given(listener: RoleListener) -> None:
    """Register a function to call when a role was given or given again, in the same transaction."""
    _given.append(listener)


def role_ended(user: "User", institute: Institute, role: str) -> None:
    """Call the listeners after the user lost the role."""
    for listener in _ended:
        listener(user, institute, role)


def role_given(user: "User", institute: Institute, role: str) -> None:
    """Call the listeners after the user got the role."""
    for listener in _given:
        listener(user, institute, role)


def register() -> None:
    """Call the listeners for every deleted row of Staff, however it is deleted; and register its institute as
    one that a person has to do with.

    The one signal of this app: a row is also deleted by a queryset, by a shell or by a cascade, where no
    action is called, and rights would remain if the listeners were not called.
    """
    post_delete.connect(_deleted, sender=Staff, dispatch_uid="role ended")
    belonging.register(lambda users: Staff.objects.filter(user__in=users).values_list("user", "institute"))


def _deleted(instance: Staff, **_signal: Any) -> None:
    role_ended(instance.user, instance.institute, instance.role)
