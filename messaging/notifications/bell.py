"""The bell: write notifications, mark them as seen, withdraw and restore them.

Each change of what a bell shows is an entry in its person's own log, numbered without gaps, so that other
tabs and devices get it live and catch up by number. Bell rows are always locked in the order of their users'
ids, so that two transactions that notify the same people cannot deadlock.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from common import clock, visibility
from common.database import if_there_is_room
from common.instances import Instances
from common.statements import statement
from messaging.live import publish
from messaging.notifications import sql
from messaging.notifications.models import Bell, BellEntry, Notification, NotificationQuerySet

if TYPE_CHECKING:
    from community.people.models import User

Thing = tuple[str, int]
"""A kind and a number, see `common.visibility`."""
BellKey = tuple[str, str, int]
"""What notifications are grouped by: their kind and their thing. Three replies to one thread are one item."""
Kind = BellEntry.Kind
QUIET = dt.timedelta(seconds=60)
"""How long a notification is not mailed, since it may be seen on the page."""
IDS_PER_QUERY = 500
KNOWN = "_bell"
"""The attribute of a reader with what is known of their bell."""


@dataclass(frozen=True)
class BellState:
    """The unseen count of a bell, and the last number of its log that the count includes."""

    number: int
    unseen: int


class _Known(NamedTuple):
    """What the bell of somebody tells before anything is counted."""

    number: int | None
    """The last number of their log; None for who was never notified of anything."""
    has_unseen: bool
    """Whether a notification is unseen, of a thing that they see or not."""


def notify(
    *,
    user: "User",
    key: str,
    kind: str,
    thing: Thing,
    scope: str,
    path: str,
    context: Mapping[str, Any],
    by: "User | None" = None,
    mailed: bool = False,
) -> bool:
    """Notify one person, once per key. Returns False if they were notified before or are `by`."""
    notified = notify_many(
        users=[user],
        key=key,
        kind=kind,
        thing=thing,
        scope=scope,
        path=path,
        context=context,
        by=by,
        mailed=mailed,
    )
    return bool(notified)


@transaction.atomic(savepoint=False)
def notify_many(
    *,
    users: Iterable["User | int"],
    key: str,
    kind: str,
    thing: Thing,
    scope: str,
    path: str,
    context: Mapping[str, Any],
    by: "User | None" = None,
    mailed: bool = False,
    is_new: bool = False,
) -> list[int]:
    """Notify several people, each once per key and never `by`, in a fixed number of statements.

    A withdrawn notification with this key is restored. `mailed` means that a separate mail has the same
    content, so that no digest includes it. `is_new` means that nothing can have been notified with this key,
    since it names a row that this transaction added. People may be given by their ids. Returns the ids of
    those who are notified of it for the first time.
    """
    ids = {user if isinstance(user, int) else user.pk for user in users}
    people = sorted(ids - {by.pk if by else None})
    if not people:
        return []
    before: dict[int, Any] = {}
    if not is_new:
        before = dict(_notified(key))
        _lock(people, also=[reader for reader, withdrawn_at in before.items() if withdrawn_at])
        before = dict(_notified(key))
        if any(before.get(pk) for pk in people):
            restore(key=key)
    first = [pk for pk in people if pk not in before]
    if first:
        now = clock.now()
        sql.notify(
            first,
            key=key,
            kind=kind,
            thing_kind=thing[0],
            thing_id=thing[1],
            scope=scope,
            path=path,
            context=dict(context),
            by_id=by.pk if by else None,
            created_at=now,
            mailed_at=now if mailed else None,
            mail_due_at=None if mailed else now + QUIET,
        )
        _publish(first)
    return first


@statement(tuple)
def _notified(key: str) -> QuerySet[Any, Any]:
    """Who was notified with this key, and when that was withdrawn."""
    return Notification.objects.filter(key=key).values_list("user_id", "withdrawn_at")


def mark_seen(*, user: "User", things: Iterable[Thing]) -> int:
    """Mark all notifications about these things as seen, on all devices of the person. Returns how many."""
    known = _known_of(user)
    if known is not None and not known.has_unseen:
        return 0
    by_kind = _by_kind(things)
    unseen = [(kind, pk) for kind, ids in by_kind.items() for pk in _unseen_among(user, kind, ids)]
    if unseen:
        with if_there_is_room():  # a page is not refused for it
            return _mark_seen(user, Notification.objects.filter(_about(unseen)))
    return 0


@statement(int)
def _unseen_among(user: "User", kind: str, things: list[int]) -> QuerySet[Any, Any]:
    news = Notification.objects.unseen().filter(user=user, thing_kind=kind, thing_id__among=things)
    return news.order_by().values_list("thing_id").distinct()


def mark_seen_in(*, user: "User", scope: str, thing_kind: str) -> int:
    """Mark all notifications about one kind of thing in one scope as seen. Returns how many."""
    return _mark_seen(user, Notification.objects.filter(scope=scope, thing_kind=thing_kind))


def mark_all_seen(*, user: "User") -> int:
    """Mark all notifications of the person as seen. Returns how many."""
    return _mark_seen(user, Notification.objects.all())


def lock_bells(
    *, users: Iterable["User | int"] = (), keys: Collection[str] = (), things: Iterable[Thing] = ()
) -> None:
    """Lock, in one statement, the bells of these people and of all who have an unseen notification with one
    of these keys, or about one of these things, withdrawn or not.

    Call it before several of `notify_many`, `withdraw` and `restore` in one transaction: if they locked bells
    one after the other, two such transactions could deadlock.
    """
    unseen = Notification.objects.filter(Q(key__in=keys) | _about(things), seen_at=None)
    _lock({user if isinstance(user, int) else user.pk for user in users}.union(_readers(unseen)))


@transaction.atomic
def withdraw(*, key: str) -> None:
    """Withdraw the notifications with this key. Idempotent."""
    _set_withdrawn(Notification.objects.active().filter(key=key), Kind.GONE)


@transaction.atomic
def restore(*, key: str) -> None:
    """Restore the withdrawn notifications with this key. Idempotent."""
    _set_withdrawn(Notification.objects.filter(key=key, withdrawn_at__isnull=False), Kind.NEW)


@transaction.atomic
def recount(*, things: Iterable[Thing] = (), user: "User | None" = None, scope: str = "") -> None:
    """Update bells after a change of who may see these things, or of what this person may see in this scope.
    Unmailed notifications about them are due again, since they may have become visible."""
    rows, about = Notification.objects.unseen(), list(things)
    parts = [Q(user=user, scope=scope)] if user else []
    parts += [_about(about[start : start + IDS_PER_QUERY]) for start in range(0, len(about), IDS_PER_QUERY)]
    bells = _lock({reader for part in parts for reader in _readers(rows.filter(part))})
    for part in parts:
        rows.filter(part, mailed_at=None).update(mail_due_at=clock.now())
    _append(bells, Kind.GONE)


def add_state(people: QuerySet[Any, Any], reader: Any) -> tuple[QuerySet[Any, Any], list[Any]]:
    """What `take_state` takes, loaded beside a person (`common.beside`)."""
    unseen = Notification.objects.unseen().filter(user=reader)
    return people, ["bell__last_number", Exists(unseen)]


def take_state(user: "User", _reader: Any, values: Iterator[Any]) -> None:
    """Know it for as long as a request."""
    setattr(user, KNOWN, _Known(next(values), next(values)))


def state_of(user: "User") -> BellState:
    """The current state of this person's bell."""
    known = _known_of(user) or _state_of.first(user) or _Known(None, has_unseen=False)
    # The number was read first: an entry committed since is then delivered twice instead of being missed.
    return BellState(known.number or 0, unseen_count(user) if known.has_unseen else 0)


@statement(_Known)
def _state_of(user: "User") -> QuerySet[Any, Any]:
    people, columns = add_state(get_user_model().objects.filter(pk=user.pk), OuterRef("pk"))
    return people.values_list(*columns)


def _known_of(user: "User") -> _Known | None:
    """What was loaded beside the reader of a page, and has not changed by this request."""
    return getattr(user, KNOWN, None)


def unseen_count(user: "User") -> int:
    """The number of items the person has not seen; exact, in one query per kind of thing."""
    return len(unseen_items(user))


def unseen_items(user: "User") -> dict[BellKey, int]:
    """The unseen items that the person may see now, with the number of their notifications."""
    rows = Notification.objects.unseen().filter(user=user).values("kind", "thing_kind", "thing_id")
    counted = rows.annotate(count=Count("pk")).values_list("kind", "thing_kind", "thing_id", "count")
    found = {(kind, thing_kind, thing_id): count for kind, thing_kind, thing_id, count in counted}
    allowed = visible_things(user, {(thing_kind, thing_id) for _kind, thing_kind, thing_id in found})
    return {key: count for key, count in found.items() if key[1:] in allowed}


def visible_things(user: "User", things: Collection[Thing]) -> set[Thing]:
    """Those of these things that the person may see now; one query per kind."""
    return {
        (kind, number)
        for kind, ids in _by_kind(things).items()
        for number in visibility.visible(user, kind, ids)
    }


def _by_kind(things: Iterable[Thing]) -> dict[str, list[int]]:
    by_kind: dict[str, list[int]] = {}
    for kind, number in things:
        by_kind.setdefault(kind, []).append(number)
    return by_kind


def _about(things: Iterable[Thing]) -> Q:
    about = Q()
    for kind, numbers in _by_kind(things).items():
        about |= Q(thing_kind=kind, thing_id__in=numbers)
    return about


def _mark_seen(user: "User", news: NotificationQuerySet) -> int:
    unseen = news.unseen().filter(user=user)
    if not unseen.exists():
        return 0
    setattr(user, KNOWN, None)
    with transaction.atomic():
        bells = _lock([user.pk])
        updated = unseen.update(seen_at=clock.now())
        _append(bells if updated else [], Kind.SEEN)
    return updated


def _set_withdrawn(news: NotificationQuerySet, kind: str) -> None:
    """Withdraw or restore, with an entry in each bell in which a notification was unseen."""
    bells = _lock(_readers(news.filter(seen_at=None)))
    about = dict(news.filter(seen_at=None).values_list("user_id", "pk"))
    news.update(withdrawn_at=clock.now() if kind == Kind.GONE else None)
    _append(bells, kind, about)


def _readers(news: NotificationQuerySet) -> list[int]:
    return sorted(set(news.values_list("user_id", flat=True)))


def _lock(people: Collection[int], also: Collection[int] = ()) -> list[Bell]:
    """Lock the bells of these people, created where missing, until the end of the transaction. Those of
    `also` are locked in the same statement and not returned."""
    if not people:
        return []
    existing = set(_with_bell(list(people)))
    missing = [Bell(user_id=pk) for pk in sorted(people) if pk not in existing]
    if missing:
        Bell.objects.bulk_create(missing, ignore_conflicts=True)
    locked = [_bells.made_of(row) for row in _lock_bells(sorted({*people, *also}))]
    return [bell for bell in locked if bell.user_id in people]


_bells = Instances(Bell)


@statement(int)
def _with_bell(users: list[int]) -> QuerySet[Any, Any]:
    return Bell.objects.filter(user__among=users).values_list("user_id")


@statement(tuple)
def _lock_bells(users: list[int]) -> QuerySet[Any, Any]:
    bells = Bell.objects.select_for_update().filter(user__among=users)
    return bells.order_by("user_id").values_list(*_bells.columns)


def _append(bells: Collection[Bell], kind: str, news: Mapping[int, int] | None = None) -> None:
    """Append an entry to each of these logs, published after commit. `news` is the notification per user."""
    if not bells:
        return
    about = news or {}
    BellEntry.objects.bulk_create(
        BellEntry(bell=bell, number=bell.last_number + 1, kind=kind, notification_id=about.get(bell.user_id))
        for bell in bells
    )
    Bell.objects.filter(pk__in=[bell.pk for bell in bells]).update(last_number=F("last_number") + 1)
    _publish(bell.user_id for bell in bells)


def _publish(people: Iterable[int]) -> None:
    publish.stream_changed(*(f"person:{pk}" for pk in people))
