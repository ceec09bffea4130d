"""What the bell tells of a month. A letter goes beside each piece of news (see `mails`), so no mail is made
of it.

It is all about the month's space, and seen when somebody opens that.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from followup.months import mails
from followup.months.models import Extension, Month, MonthPrompt, Occasion
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User


def tell_opened(month: Month, users: "Iterable[User]", by: "User | None") -> None:
    """That the month is there. Whom the invitation leads into it needs no bell for that."""
    joined = [user for user in users if user.joined_at]
    _tell(month, joined, f"opened:{month.pk}", "opened", by=by)


def tell_prompt(occasion: Occasion, prompt: MonthPrompt, users: "Iterable[User]") -> None:
    """What this week asks for."""
    _tell(occasion.month, users, f"prompt:{occasion.pk}", "prompt", title=prompt.title)


def tell_closing(occasion: Occasion, users: "Iterable[User]") -> None:
    """That the end is near."""
    day = occasion.month.space.last_day.isoformat()
    _tell(occasion.month, users, f"closing:{occasion.pk}", "closing", day=day)


def tell_closed(occasion: Occasion, users: "Iterable[User]") -> None:
    """That talk is closed and doing is not."""
    _tell(occasion.month, users, f"closed:{occasion.pk}", "closed")


def tell_extended(extension: Extension, users: "Iterable[User]") -> None:
    """That there is more time."""
    day = extension.last_day.isoformat()
    _tell(extension.month, users, f"extended:{extension.pk}", "extended", by=extension.extended_by, day=day)


def _tell(
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
