"""What people follow and mute: things with a talk under them, of kinds that their subjects register.

Without a choice of their own, somebody follows what they wrote in. Who follows a thing hears of everything
new there; who muted it hears of nothing but what names them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value

from common.searching import normalize
from messaging.notifications.bell import Thing
from messaging.notifications.models import Following

if TYPE_CHECKING:
    from community.people.models import User

Choice = Following.Choice


@dataclass(frozen=True)
class Followable:
    """A kind of thing that can be followed."""

    things: Callable[["User"], QuerySet[Any]]
    """Those that a person sees and in which something new can come; they have a title, a language, a space
    and a search text."""
    wrote: Callable[["User"], Q]
    """Those of them in which a person wrote."""
    latest: str
    """The field with the moment of the newest post."""
    path: Callable[[int], str]


class Followed(NamedTuple):
    """A thing that somebody follows or has muted."""

    kind: str
    pk: int
    title: str
    language: str
    space: str
    path: str


_registered: dict[str, Followable] = {}


def register(kind: str, followable: Followable) -> None:
    """Register a kind of thing under the name that it has in `common.visibility`."""
    _registered[kind] = followable


def is_followable(kind: str) -> bool:
    """Whether things of this kind can be followed."""
    return kind in _registered


def scope_of(thing: Thing) -> str:
    """How a link in a mail names a thing that it mutes, beside the scopes of mail preferences."""
    kind, pk = thing
    return f"{kind}:{pk}"


def followed_thing(scope: str) -> Thing | None:
    """The thing that is so named; None for other scopes."""
    kind, _colon, number = scope.partition(":")
    return (kind, int(number)) if is_followable(kind) else None


def path_to(thing: Thing) -> str:
    """The page of a thing."""
    kind, pk = thing
    return _registered[kind].path(pk)


def found(user: "User", thing: Thing) -> Followed | None:
    """A thing as the person sees it; None if they do not, or nothing new can come there."""
    kind, pk = thing
    row = _columns(_registered[kind].things(user).filter(pk=pk), kind).first()
    return _followed(row) if row else None


def follows(user: "User", thing: Thing) -> bool:
    """Whether the person hears of what is new there, by their choice or because they wrote in it."""
    kind, pk = thing
    chosen = Following.objects.filter(user=user, thing_kind=kind, thing_id=pk).first()
    if chosen is not None:
        return chosen.choice == Choice.FOLLOWS.value
    followable = _registered[kind]
    return followable.things(user).filter(followable.wrote(user), pk=pk).exists()


def followers(kind: str, pk: int) -> QuerySet[Any, Any]:
    """The ids of those who chose to follow a thing."""
    return _who_chose(Choice.FOLLOWS, kind, pk)


def who_muted(kind: str, pk: int) -> QuerySet[Any, Any]:
    """The ids of those who muted a thing."""
    return _who_chose(Choice.MUTED, kind, pk)


def _who_chose(choice: Choice, kind: str, pk: int) -> QuerySet[Any, Any]:
    return Following.objects.filter(thing_kind=kind, thing_id=pk, choice=choice).order_by().values("user")


def choice_of(reader: Any, kind: str) -> Subquery:
    """The choice of a reader for each thing of a queryset, None without one."""
    mine = Following.objects.filter(user=reader, thing_kind=kind, thing_id=OuterRef("pk"))
    return Subquery(mine.values("choice"))


def state(choice: str | None, *, wrote: bool) -> str:
    """What the page of a thing shows: that its reader follows it, muted it, or neither (empty)."""
    return choice or (Choice.FOLLOWS.value if wrote else "")


def followed_by(user: "User", *, typed: str = "", muted: bool = False) -> QuerySet[Any, Any]:
    """What a person follows, or has muted, the newest first; with `typed` those that contain these words.
    Rows for `shown`."""
    parts = []
    for kind, followable in _registered.items():
        things = followable.things(user).annotate(choice=choice_of(user, kind))
        chose = Q(choice=Choice.MUTED) if muted else Q(choice=Choice.FOLLOWS)
        if not muted:
            chose |= Q(choice=None) & followable.wrote(user)
        for word in normalize(typed).split():
            things = things.filter(search_text__contains=word)
        parts.append(_columns(things.filter(chose), kind))
    return parts[0].union(*parts[1:], all=True).order_by("-latest_post")


def _columns(things: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    rows = things.order_by().annotate(latest_post=F(_registered[kind].latest))
    return rows.values_list(Value(kind), "pk", "title", "language", "space__title", "latest_post")


def shown(rows: Iterable[tuple[Any, ...]]) -> list[Followed]:
    """Rows of `followed_by` as a page shows them."""
    return [_followed(row) for row in rows]


def _followed(row: tuple[Any, ...]) -> Followed:
    kind, pk, title, language, space, _latest = row
    return Followed(kind, pk, title, language, space, path_to((kind, pk)))
