"""Names in messages: "@Full Name" of a member tells that member.

A mention is a row of its own, made in the transaction of its message, that says whether its person has heard
of it. It is told after the commit; what a process that was killed did not tell, the next round of jobs does.
How somebody is told, whoever owns the rooms says with `tell_through`.
"""

import logging
import threading
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from django.db import connection, transaction

from common import clock
from messaging.chat.mention_parser import named, without
from messaging.chat.models import Entry, Mention, RoomMember
from messaging.chat.texts import render
from messaging.jobs import loop

if TYPE_CHECKING:
    from community.people.models import User

logger = logging.getLogger("aftercourse.chat")


class Telling(Protocol):
    """How people hear that they were mentioned."""

    def hold(self, users: Collection["User"]) -> None:
        """Take, until the end of the transaction, what telling these people will need."""

    def tell(self, message: Entry, users: Collection["User"]) -> None:
        """Tell them of this message. Told twice is told once."""

    def seen(self, user: "User", messages: Collection[int]) -> None:
        """They have read these messages (ids of rows)."""

    def reconsider(self, messages: Collection[int]) -> None:
        """These messages were taken back, or put back."""


AT_ONCE = 200
"""Messages that one round tells of."""

_telling: list[Telling] = []
_apart = threading.local()
_teller = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mentions")


def tell_through(telling: Telling) -> None:
    """Say how people hear of a mention; said again replaces it."""
    _telling[:] = [telling]


def register() -> None:
    """Have told what was left untold, in every round of jobs."""
    loop.register("mentions", tell_due)


def tell_apart() -> None:
    """From now on what this thread commits is told by another one: people wait for what it does next."""
    _apart.on = True


def record(messages: Iterable[Entry]) -> dict[int, list[int]]:
    """Keep whom these new messages mention, of the members of their rooms, and tell them after the commit.

    Returns the people of each message's row. Messages without an @ cost nothing; with one it is a query for
    all of them, and a second one where somebody is mentioned.
    """
    with_sign = [message for message in messages if "@" in message.text]
    if not with_sign:
        return {}
    members = _members_of({message.room_id for message in with_sign})
    rows, people = [], {}
    for message in with_sign:
        who = sorted(named(message.text, members.get(message.room_id, [])) - {message.author_id})
        if who:
            people[message.pk] = who
            called = dict(members[message.room_id])
            rows += [Mention(message=message, user_id=user, name=called[user]) for user in who]
    if rows:
        Mention.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(_tell_promptly, robust=True)
    return people


def record_again(message: Entry) -> None:
    """A message says something else now: who is named for the first time is told, who is not any more need
    not be."""
    rows = Mention.objects.filter(message=message)
    before = dict(rows.values_list("user_id", "name"))
    if not before and "@" not in message.text:
        return
    now = set(record([message]).get(message.pk, []))
    # Who is called otherwise since is still named by what they were called.
    as_before = named(message.text, before.items())
    if gone := set(before) - now - as_before:
        # In this order, as in `_tell`: nobody waits for a bell who holds a mention.
        _reconsider([message.pk])
        rows.filter(user__in=gone).delete()
    if otherwise := (set(before) & now) - as_before:
        for user, name in _members_of({message.room_id})[message.room_id]:
            if user in otherwise:
                rows.filter(user=user).update(name=name)


def messages_changed(messages: Iterable[Entry]) -> None:
    """Messages were taken back or put back: what was told of them is looked at again, for all at once."""
    rows = Mention.objects.filter(message__in=[message.pk for message in messages])
    _reconsider(sorted(set(rows.values_list("message_id", flat=True))))


def let_go_of(user: "User") -> set[int]:
    """Their name is in no message any more; of whom is called the same and named with them, it stays. Returns
    the messages (ids of rows) that say something else now. Their rooms are held."""
    rows = list(Mention.objects.filter(message__mentions__user=user).select_related("message"))
    called = {row.message_id: row.name for row in rows if row.user_id == user.pk}
    changed: dict[int, Entry] = {}
    for pk, message in {row.message_id: row.message for row in rows}.items():
        others = [row.name for row in rows if row.message_id == pk and row.user_id != user.pk]
        text = without(message.text, called[pk], others)
        if text != message.text:
            for column, value in render(text).items():
                setattr(message, column, value)
            changed[pk] = message
    Entry.objects.bulk_update(changed.values(), ["text", "html", "folded"], batch_size=AT_ONCE)
    return set(changed)


def _reconsider(messages: list[int]) -> None:
    for telling in _telling:
        telling.reconsider(messages)


def is_mentioned(user: "User", messages: Iterable[int]) -> set[int]:
    """Those of these messages (ids of rows) that stand and mention this person, who is in the room now."""
    rooms = RoomMember.objects.current().filter(user=user).values("room")
    rows = Mention.objects.filter(
        user=user, message__in=list(messages), message__withdrawn_at=None, message__room__in=rooms
    )
    return set(rows.values_list("message_id", flat=True))


def mentioned_in(messages: Iterable[int]) -> dict[int, list[int]]:
    """Whom these messages (ids of rows) mention, in one query; those without a name are left out."""
    found: dict[int, list[int]] = {}
    rows = Mention.objects.filter(message__in=list(messages)).order_by("user_id")
    for message, user in rows.values_list("message_id", "user_id"):
        found.setdefault(message, []).append(user)
    return found


Reading = tuple[int, int, int, int]
"""Somebody's id, a room's, and from which number up to which they have read it."""


def read_by(readings: Collection[Reading]) -> None:
    """People have read rooms farther: what they were told of that is no news any more. One query for all."""
    if not readings:
        return
    rows = Mention.objects.filter(
        user__in={user for user, *_rest in readings},
        message__room__in={room for _user, room, *_rest in readings},
        message__number__gt=min(since for *_rest, since, _number in readings),
    )
    spans = {(user, room): range(since + 1, number + 1) for user, room, since, number in readings}
    seen: dict[User, list[int]] = {}
    for mention in rows.select_related("user", "message"):
        if mention.message.number in spans.get((mention.user_id, mention.message.room_id), ()):
            seen.setdefault(mention.user, []).append(mention.message_id)
    for telling in _telling:
        # In the order in which bells are held everywhere, so that nobody waits in a circle.
        for user, messages in sorted(seen.items(), key=lambda one: one[0].pk):
            telling.seen(user, messages)


def _tell_promptly() -> None:
    if getattr(_apart, "on", False):
        _teller.submit(_tell_by_ourselves)
    else:
        tell_due()


def _tell_by_ourselves() -> None:
    try:
        tell_due()
    except Exception:
        logger.exception("Nobody could be told of mentions just now; the next round of jobs tries again")
    finally:
        connection.close()


def tell_due() -> int:
    """Tell all who have not heard yet that they were mentioned; returns how many messages it was. One that
    fails holds up no other."""
    waiting = Mention.objects.filter(told_at=None).order_by("message_id")
    told = 0
    for message in list(waiting.values_list("message_id", flat=True).distinct()[:AT_ONCE]):
        try:
            told += _tell(message)
        except Exception:
            logger.exception("Those named in message %s were not told; the next round tries again", message)
    return told


@transaction.atomic
def _tell(message_pk: int) -> int:
    untold = Mention.objects.filter(message=message_pk, told_at=None).select_related("user")
    if not _telling or not (users := [row.user for row in untold]):
        return 0
    # Their bells come first, and mentions after them, as with whoever lets go of somebody. So who told them
    # meanwhile, or let go of one, has done so before we look again.
    _telling[0].hold(users)
    if not (mentioned := list(untold.all())):
        return 0
    message = Entry.objects.select_related("author", "room").get(pk=message_pk)
    # Who has read it meanwhile, or is here no more, need not hear of it.
    unread = RoomMember.objects.current().filter(
        room=message.room_id, read_number__lt=message.number, user__suspended_at=None
    )
    waiting = set(unread.values_list("user_id", flat=True))
    users = [row.user for row in mentioned if row.user_id in waiting]
    if users:
        _telling[0].tell(message, users)
    Mention.objects.filter(pk__in=[row.pk for row in mentioned]).update(told_at=clock.now())
    return 1


def _members_of(rooms: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    members = RoomMember.objects.current().filter(room__in=rooms, user__suspended_at=None)
    found: dict[int, list[tuple[int, str]]] = {}
    for room, user, name in members.values_list("room_id", "user_id", "user__name"):
        found.setdefault(room, []).append((user, name))
    return found
