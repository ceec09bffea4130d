"""Who decides on a report."""

from typing import TYPE_CHECKING

from community.reports.things import Thing

if TYPE_CHECKING:
    from community.people.models import User


def can_decide(user: "User", thing: Thing) -> bool:
    """Those who keep order over it and moderators, and never its author."""
    if thing.row.author_id == user.pk or not user.is_authenticated:
        return False
    return user.is_moderator or thing.is_kept_in_order_by(user)
