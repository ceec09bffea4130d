"""The notifications of a month. A mail of its own goes with those to its members (see `mails`), so digests
skip them; what coordinators are told is in their digest.

All of them are about the month's space, and marked as seen when the user opens it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from common.access import System, recorded
from community.threads import news as threads
from followup.months import dates, mails, queries
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


def notify_trainer_leaves(user: "User") -> None:
    """Notify the institute's coordinators that the only trainer of an open month will be erased."""
    assert user.erasure_at is not None
    months = queries.with_nobody_else(queries.months_attended_by(user), user)
    alone = list(months.select_related("space").order_by("pk"))
    coordinators = {month.pk: queries.coordinators_of(month) for month in alone}
    bell.lock_bells(users=[each for people in coordinators.values() for each in people])
    for month in alone:
        day = dates.day_in(user.erasure_at, month.space.time_zone).isoformat()
        key = _trainer_leaves_key(month, user)
        _notify_coordinators(month, coordinators[month.pk], key, "trainer-leaves", by=user, day=day)


def withdraw_trainer_leaves(user: "User") -> None:
    """Withdraw these notifications, since the trainer stays after all."""
    keys = [_trainer_leaves_key(month, user) for month in queries.months_attended_by(user)]
    bell.lock_bells(keys=keys)
    for key in keys:
        bell.withdraw(key=key)


def _trainer_leaves_key(month: Month, user: "User") -> str:
    return f"trainer-leaves:{month.pk}:{user.pk}"


def _nobody_on_hand_key(month: Month) -> str:
    return f"nobody-on-hand:{month.pk}"


def _notify_coordinators(
    month: Month, users: "Iterable[User]", key: str, kind: str, *, by: "User | None" = None, **about: Any
) -> None:
    """Notify of a month without a trainer; the link leads to where one is added."""
    space, run = month.space, queries.run_of(month)
    bell.notify_many(
        users=users,
        key=key,
        kind=kind,
        thing=("space", space.pk),
        scope=space.scope,
        path=f"{reverse('run', args=[run.pk])}#add-trainer" if run else mails.path_of(month),
        context={"title": space.title, "space": space.title, **about},
        by=by,
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
