"""The notifications of a month. A mail of its own goes with those to its members (see `mails`), so digests
skip them; what coordinators are told is in their digest.

All of them are about the month's space, and marked as seen when the user opens it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from common.access import System, recorded
from community.threads import news as threads
from followup.months import mails, queries
from followup.months.models import Extension, Month, MonthPrompt, Occasion
from followup.months.reminders import END_KINDS
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


def notify_nobody_on_hand(month: Month) -> None:
    """Notify the coordinators that nobody is on hand, and those whose private questions nobody reads now."""
    coordinators = queries.coordinators_of(month)
    waiting = threads.unread_questions(month.space)
    # One statement locks the bells for both, see `bell.lock_bells`.
    bell.lock_bells(
        users=[*coordinators, *(thread.author for thread in waiting)], keys=[_nobody_on_hand_key(month)]
    )
    _notify_coordinators(month, coordinators, _nobody_on_hand_key(month), "nobody-on-hand")
    threads.notify_unread_questions(waiting)


def withdraw_nobody_on_hand(month: Month) -> None:
    """Somebody is on hand again, who reads the private questions."""
    waiting = threads.unread_questions(month.space)
    keys = [_nobody_on_hand_key(month), *(threads.unread_key(thread) for thread in waiting)]
    bell.lock_bells(keys=keys)
    for key in keys:
        bell.withdraw(key=key)


def notify_trainer_due(occasion: Occasion) -> None:
    """Remind the coordinators that somebody was to be on hand by today."""
    month = occasion.month
    coordinators = queries.coordinators_of(month)
    _notify_coordinators(month, coordinators, f"trainer-due:{occasion.pk}", "trainer-due")


def withdraw_end(month: Month, members: "Iterable[User]") -> None:
    """Withdraw what was said about an end that is another one now. Locks the bells of these members as well,
    who are notified of the new one."""
    done = month.occasions.filter(kind__in=END_KINDS, done_at__isnull=False).values_list("pk", flat=True)
    earlier = month.extensions.values_list("pk", flat=True)
    keys = [f"{kind}:{pk}" for pk in done for kind in ("closing", "closed")]
    keys += [f"extended:{pk}" for pk in earlier]
    bell.lock_bells(users=members, keys=keys)
    for key in keys:
        bell.withdraw(key=key)


def _nobody_on_hand_key(month: Month) -> str:
    return f"nobody-on-hand:{month.pk}"


def _notify_coordinators(month: Month, users: "Iterable[User]", key: str, kind: str) -> None:
    """Notify of a month without a trainer; the link leads to where one is added."""
    space, run = month.space, queries.run_of(month)
    bell.notify_many(
        users=users,
        key=key,
        kind=kind,
        thing=("space", space.pk),
        scope=space.scope,
        path=f"{reverse('run', args=[run.pk])}#add-trainer" if run else mails.path_of(month),
        context={"title": space.title, "space": space.title},
    )


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
