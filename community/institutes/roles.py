"""What is told when somebody's role at an institute ends or begins.

Institutes know nothing about what a role brings along (a place in the institute's spaces, say). The subject
that gave it registers here, and is called inside the transaction that ends or begins the role.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models.signals import post_delete

from community.institutes.models import Institute, Staff

if TYPE_CHECKING:
    from community.people.models import User

RoleListener = Callable[["User", Institute, str], None]
"""Called with the person, the institute and the role."""

_ended: list[RoleListener] = []
_given: list[RoleListener] = []


def on_role_ended(listener: RoleListener) -> None:
    """Have a function called whenever a role has ended, in the same transaction."""
    _ended.append(listener)


def on_role_given(listener: RoleListener) -> None:
    """Have a function called whenever a role was given or given again, in the same transaction."""
    _given.append(listener)


def role_ended(user: "User", institute: Institute, role: str) -> None:
    """Tell the listeners that the person does not have the role any more."""
    for listener in _ended:
        listener(user, institute, role)


def role_given(user: "User", institute: Institute, role: str) -> None:
    """Tell the listeners that the person has the role."""
    for listener in _given:
        listener(user, institute, role)


def register() -> None:
    """Call the listeners for every deleted row of Staff, whoever deletes it.

    The one signal of this app: a row is also deleted by a queryset, by a shell or by a cascade, where no
    action is called, and a role that ends without its listeners leaves rights behind.
    """
    post_delete.connect(_deleted, sender=Staff, dispatch_uid="role ended")


def _deleted(instance: Staff, **_signal: Any) -> None:
    role_ended(instance.user, instance.institute, instance.role)
