"""The notifications of a month. A mail of its own goes with each of them (see `mails`), so digests skip them.

All of them are about the month's space, and marked as seen when the user opens it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from common.access import System, recorded
from followup.months import mails
from followup.months.models import Extension, Month, MonthPrompt, Occasion
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User


def notify_opened(month: Month, users: "Iterable[User]", by: "User | System") -> None:
    """Notify that the month is open. Users who have not joined yet get there by their invitation."""
    joined = [user for user in users if user.joined_at]
    _notify(month, joined, f"opened:{month.pk}", "opened", by=recorded(by))


def notify_prompt(occasion: Occasion, prompt: MonthPrompt, users: "Iterable[User]") -> None:
    """Notify of this week's prompt."""
    _notify(occasion.month, users, f"prompt:{occasion.pk}", "prompt", title=prompt.title)


def notify_closing(occasion: Occasion, users: "Iterable[User]") -> None:
    """Notify that the end is near."""
    day = occasion.month.space.last_day.isoformat()
    _notify(occasion.month, users, f"closing:{occasion.pk}", "closing", day=day)


def notify_closed(occasion: Occasion, users: "Iterable[User]") -> None:
    """Notify that talk is closed."""
    _notify(occasion.month, users, f"closed:{occasion.pk}", "closed")


def notify_extended(extension: Extension, users: "Iterable[User]") -> None:
    """Notify that there is more time."""
    day = extension.last_day.isoformat()
    _notify(extension.month, users, f"extended:{extension.pk}", "extended", by=extension.extended_by, day=day)


def _notify(
    month: Month, users: "Iterable[User]", key: str, kind: str, *, by: "User | None" = None, **about: Any
) -> None:
    space = month.space
    bell.notify_many(
        users=users,
        key=key,
        kind=kind,
        thing=("space", space.pk),
        scope=space.scope,
        path=mails.path_of(month),
        context={"title": space.title, "space": space.title, **about},
        by=by,
        mailed=True,
    )
