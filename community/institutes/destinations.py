"""What an invitation to work for an institute says of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from community.institutes.models import Staff
from community.people import destinations
from community.people.destinations import Destination, Purpose

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register how invitations to an institute are described."""
    destinations.register("institute", _of_institute)


def _of_institute(user: "User", arguments: Mapping[str, Any]) -> Destination | None:
    roles = Staff.objects.filter(user=user, institute__slug=arguments["slug"]).select_related("institute")
    newest = roles.order_by("-since", "-pk").first()
    if newest is None:
        return None
    return Destination(
        purpose=Purpose.STAFF, institute=newest.institute.name, role=Staff.Role(newest.role).label
    )
