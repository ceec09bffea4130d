"""The bell: telling people what concerns them, and forgetting it everywhere once they have seen it.

Every change of what a bell shows is an entry in its person's own log, numbered without gaps, so that other
tabs and devices hear of it live and catch up by number. Bells are held in the order of their people's ids, so
that two who tell the same people at once wait for each other and never in a circle.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F, Q

from common import clock, visibility
from messaging.live import publish
from messaging.notifications.models import Bell, BellEntry, Notification, NotificationQuerySet

if TYPE_CHECKING:
    from community.people.models import User

Thing = tuple[str, int]
"""A kind and a number, see `common.visibility`."""
Line = tuple[str, str, int]
"""What shares one line of the bell: a kind of news about one thing. Three replies there are one line."""
Kind = BellEntry.Kind
AT_ONCE = 500
"""Things that one query asks about."""


@dataclass(frozen=True)
class State:
    """What a bell shows, and the number of its log up to which that is true."""

    number: int
    unseen: int


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
) -> Notification | None:
    """Tell one person, once per key. None when they were told before, or did it themselves."""
    told = notify_many(
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
    return told[0] if told else None


@transaction.atomic
def notify_many(
    *,
    users: Iterable["User"],
    key: str,
    kind: str,
    thing: Thing,
    scope: str,
    path: str,
    context: Mapping[str, Any],
    by: "User | None" = None,
    mailed: bool = False,
) -> list[Notification]:
    """Tell several people the same, each once per key and never who did it, in a fixed number of queries.

    News that was withdrawn and comes again is put back. `mailed` says that a letter of its own tells it, so
    that no mail is made of it. Returns what is new.
    """
    people = sorted({user.pk for user in users} - {by.pk if by else None})
    bells = _hold(people, also=Notification.objects.filter(key=key, withdrawn_at__isnull=False))
    told = dict(Notification.objects.filter(key=key, user__in=people).values_list("user_id", "withdrawn_at"))
    if any(told.values()):
        restore(key=key)
        bells = _hold(people)
    now = clock.now()
    news = {
        pk: Notification(
            user_id=pk,
            key=key,
            kind=kind,
            thing_kind=thing[0],
            thing_id=thing[1],
            scope=scope,
            path=path,
            context=dict(context),
            by=by,
            created_at=now,
            mailed_at=now if mailed else None,
        )
        for pk in people
        if pk not in told
    }
    made = Notification.objects.bulk_create(list(news.values()))
    _append([bell for bell in bells if bell.user_id in news], Kind.NEW, {one.user_id: one.pk for one in made})
    return made


def seen(*, user: "User", things: Iterable[Thing]) -> int:
    """What the person opened is no news any more, on any of their devices. Returns how much it was."""
    about = _about(things)
    return _clear(user, Notification.objects.filter(about)) if about else 0


def seen_in(*, user: "User", scope: str, thing_kind: str) -> int:
    """The person needs none of the news about one kind of thing in one place."""
    return _clear(user, Notification.objects.filter(scope=scope, thing_kind=thing_kind))


def seen_all(*, user: "User") -> int:
    """The person needs none of the news there is."""
    return _clear(user, Notification.objects.all())


def hold(*, users: Iterable["User"] = (), keys: Collection[str] = ()) -> None:
    """Hold at once, until the end of the transaction, the bells of all who will be told something or have
    been told it under these keys, withdrawn or not. For who tells, withdraws or restores several things: held
    one after another, two who do so could wait for each other."""
    told = Notification.objects.filter(key__in=keys, seen_at=None)
    _hold({user.pk for user in users}.union(_readers(told)))


@transaction.atomic
def withdraw(*, key: str) -> None:
    """What this news told of was taken back: nobody hears of it any more."""
    _stand(Notification.objects.standing().filter(key=key), Kind.GONE)


@transaction.atomic
def restore(*, key: str) -> None:
    """What this news told of is back."""
    _stand(Notification.objects.filter(key=key, withdrawn_at__isnull=False), Kind.NEW)


@transaction.atomic
def reconsider(*, things: Iterable[Thing] = (), user: "User | None" = None, scope: str = "") -> None:
    """Who may see these things, or what this person may see in this place, has changed: bells count again."""
    rows, about = Notification.objects.unseen(), list(things)
    parts = [Q(user=user, scope=scope)] if user else []
    parts += [_about(about[start : start + AT_ONCE]) for start in range(0, len(about), AT_ONCE)]
    _append(_hold({reader for part in parts for reader in _readers(rows.filter(part))}), Kind.GONE)


def state_of(user: "User") -> State:
    """What the bell of this person shows now."""
    # The number first: what comes in between is then told once more, not left out.
    number = Bell.objects.filter(user=user).values_list("last_number", flat=True).first() or 0
    return State(number, unseen_count(user) if number else 0)


def unseen_count(user: "User") -> int:
    """How many lines the person has not seen; exact, in one query for each kind of thing."""
    return len(unseen_lines(user))


def unseen_lines(user: "User") -> dict[Line, int]:
    """The lines with something unseen that the person may see now, and how much it is."""
    rows = Notification.objects.unseen().filter(user=user).values("kind", "thing_kind", "thing_id")
    counted = rows.annotate(many=Count("pk")).values_list("kind", "thing_kind", "thing_id", "many")
    found = {(kind, thing_kind, thing_id): many for kind, thing_kind, thing_id, many in counted}
    seen_by_them = visible_things(user, {(thing_kind, thing_id) for _kind, thing_kind, thing_id in found})
    return {line: many for line, many in found.items() if line[1:] in seen_by_them}


def visible_things(user: "User", asked: Collection[Thing]) -> set[Thing]:
    """Those of these things that the person may see now; their subjects are asked once for each kind."""
    by_kind: dict[str, list[int]] = {}
    for kind, number in asked:
        by_kind.setdefault(kind, []).append(number)
    return {(kind, number) for kind, ids in by_kind.items() for number in visibility.visible(user, kind, ids)}


def _about(asked: Iterable[Thing]) -> Q:
    by_kind: dict[str, list[int]] = {}
    for kind, number in asked:
        by_kind.setdefault(kind, []).append(number)
    about = Q()
    for kind, numbers in by_kind.items():
        about |= Q(thing_kind=kind, thing_id__in=numbers)
    return about


def _clear(user: "User", news: NotificationQuerySet) -> int:
    mine = news.unseen().filter(user=user)
    if not mine.exists():
        return 0
    with transaction.atomic():
        bells = _hold([user.pk])
        many = mine.update(seen_at=clock.now())
        _append(bells if many else [], Kind.SEEN)
    return many


def _stand(news: NotificationQuerySet, kind: str) -> None:
    """Withdraw news or put it back, and tell the bells in which it was unseen."""
    bells = _hold(_readers(news.filter(seen_at=None)))
    about = dict(news.filter(seen_at=None).values_list("user_id", "pk"))
    news.update(withdrawn_at=clock.now() if kind == Kind.GONE else None)
    _append(bells, kind, about)


def _readers(news: NotificationQuerySet) -> list[int]:
    return sorted(set(news.values_list("user_id", flat=True)))


def _hold(people: Collection[int], also: NotificationQuerySet | None = None) -> list[Bell]:
    """The bells of these people, made where there are none, held until the end of the transaction. Those of
    the readers of some other news are held with them, and not given."""
    if not people:
        return []
    there = set(Bell.objects.filter(user__in=people).values_list("user_id", flat=True))
    missing = [Bell(user_id=pk) for pk in sorted(people) if pk not in there]
    Bell.objects.bulk_create(missing, ignore_conflicts=True)
    wanted = Q(user__in=people)
    if also is not None:
        wanted |= Q(user__in=also.values("user"))
    held = Bell.objects.select_for_update().filter(wanted).order_by("user_id")
    return [bell for bell in held if bell.user_id in people]


def _append(bells: Collection[Bell], kind: str, news: Mapping[int, int] | None = None) -> None:
    """An entry in each of these logs, told after commit. `news` names the notification for each person."""
    if not bells:
        return
    about = news or {}
    BellEntry.objects.bulk_create(
        BellEntry(bell=bell, number=bell.last_number + 1, kind=kind, notification_id=about.get(bell.user_id))
        for bell in bells
    )
    Bell.objects.filter(pk__in=[bell.pk for bell in bells]).update(last_number=F("last_number") + 1)
    for bell in bells:
        publish.stream_changed(f"person:{bell.user_id}")
