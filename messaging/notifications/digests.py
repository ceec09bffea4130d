"""Mails about unseen notifications: at once or as one digest a day, as the reader prefers.

A mail is inserted in the transaction that marks its notifications as mailed, with the reader's bell locked.
So any number of jobs may run at once and be killed: each notification is in one mail.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from common import clock, dates
from messaging.jobs import due, loop
from messaging.notifications import bell, delivery, following_queries, outbox, queries
from messaging.notifications.bell import QUIET
from messaging.notifications.mail_preferences import (
    DEFAULT_FREQUENCY,
    EVERYWHERE,
    Frequency,
    MailScope,
    frequencies_of_all,
    scopes_of_all,
    unsubscribe_link,
)
from messaging.notifications.models import Bell, Mail, Notification, NotificationQuerySet

if TYPE_CHECKING:
    from community.people.models import User

DAILY_AT = dt.time(17)
"""When the daily digest is written, in its reader's time zone."""
TOO_OLD = dt.timedelta(days=3)
"""Older notifications are not mailed any more, so that a digest after an outage is not too long."""
HIDDEN_RECHECK = dt.timedelta(hours=1)
"""How often it is checked whether a notification that its reader could not see has become visible, in case
nobody called `bell.recount`."""
READERS_PER_TRANSACTION = 50
"""Their bells are locked for a tenth of a second."""

logger = logging.getLogger("aftercourse.mail")
_gathered: set[str] = set()


@dataclass(frozen=True)
class DigestItem:
    """Notifications of one kind about one thing, as text."""

    text: str
    url: str


@dataclass(frozen=True)
class DigestGroup:
    """The items of one scope."""

    title: str
    lines: list[DigestItem]


def register() -> None:
    """Register the sweep of digests, and their check before they are sent."""
    loop.register("news", sweep_digests)
    delivery.register_recheck("news", recheck)


def register_gathered(*kinds: str) -> None:
    """Register kinds of notifications that wait for the digest of the day, also for who is mailed at once."""
    _gathered.update(kinds)


def sweep_digests() -> int:
    """Write all mails about notifications that are due. Returns how many."""
    now = clock.now()
    rows = _unmailed().filter(mail_due_at__gt=now - TOO_OLD, mail_due_at__lte=now).order_by("mail_due_at")
    return due.sweep_groups(
        "news", rows, write_for, size=READERS_PER_TRANSACTION, due_at="mail_due_at", field="user_id"
    )


@transaction.atomic
def write_for(users: list[int]) -> int:
    """Write the mails that are due for these people. Returns how many."""
    # Waits for another worker that writes the same mails, and for requests that mark notifications as seen.
    list(Bell.objects.select_for_update().filter(user__in=users).order_by("user"))
    readers = get_user_model().objects.in_bulk(users)
    waiting: dict[int, list[Notification]] = {}
    for row in _unmailed().filter(user__in=users).select_related("by").order_by("created_at", "pk"):
        waiting.setdefault(row.user_id, []).append(row)
    frequencies, scopes = frequencies_of_all(waiting), scopes_of_all(waiting)
    mails, later = _Mails(), _Later()
    for pk, rows in waiting.items():
        _write(readers[pk], rows, frequencies[pk], scopes[pk], mails, later)
    written = mails.post()
    later.postpone()
    return written


def _write(
    reader: "User",
    rows: list[Notification],
    frequencies: dict[str, str],
    scopes: dict[str, MailScope],
    mails: "_Mails",
    later: "_Later",
) -> None:
    """Write the mails of one person, and postpone what is not in them, such as notifications younger than
    QUIET."""
    allowed = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in rows})
    by_frequency: dict[str, list[Notification]] = {}
    hidden = []
    for row in rows:
        if (row.thing_kind, row.thing_id) in allowed:
            frequency = frequencies.get(row.scope, DEFAULT_FREQUENCY)
            waits = frequency == Frequency.NOW and row.kind in _gathered
            by_frequency.setdefault(Frequency.DAILY if waits else frequency, []).append(row)
        else:
            hidden.append(row)
    at_once, daily = by_frequency.get(Frequency.NOW, []), by_frequency.get(Frequency.DAILY, [])
    for key, news in [*_due_at_once(reader, at_once), *_due_daily(reader, daily)]:
        mails.add(key, reader, news, scopes)
    later.add(at_once, later.now + QUIET)
    later.add(hidden, later.now + HIDDEN_RECHECK)
    later.add(daily, _next_daily(reader.time_zone))
    later.add(by_frequency.get(Frequency.NEVER, []), None)


@transaction.atomic
def recheck(mails: list[Mail]) -> list[Mail]:
    """Those of these mails whose readers still may see, and want mail about, everything in them. The others
    are deleted, and their notifications are due again."""
    readers = {mail.user_id for mail in mails if mail.user_id is not None}
    list(Bell.objects.select_for_update().filter(user__in=readers).order_by("user"))
    frequencies, news = frequencies_of_all(readers), defaultdict(list)
    for row in Notification.objects.filter(mail__in=mails).defer("context"):
        news[row.mail_id].append(row)
    stay = [
        mail
        for mail in mails
        if mail.user is None or _stays(mail.user, news[mail.pk], frequencies[mail.user.pk])
    ]
    if outdated := {mail.pk for mail in mails}.difference(mail.pk for mail in stay):
        logger.info(
            "%s mails are written again: their readers may not see all of them any more", len(outdated)
        )
        Notification.objects.filter(mail__in=outdated).update(
            mail=None, mailed_at=None, mail_due_at=clock.now()
        )
        Mail.objects.filter(pk__in=outdated).delete()
    return stay


def _stays(reader: "User", news: list[Notification], frequencies: dict[str, str]) -> bool:
    allowed = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in news})
    return all(
        row.withdrawn_at is None
        and (row.thing_kind, row.thing_id) in allowed
        and frequencies.get(row.scope) != Frequency.NEVER
        for row in news
    )


def last_daily(zone: str) -> dt.datetime:
    """The latest moment at which the daily digest was due in this time zone."""
    local = clock.now().astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= DAILY_AT else local.date() - dt.timedelta(days=1)
    return _daily_on(day, zone)


def _next_daily(zone: str) -> dt.datetime:
    return _daily_on(last_daily(zone).astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1), zone)


def _daily_on(day: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, DAILY_AT, ZoneInfo(zone)).astimezone(dt.UTC)


def _unmailed() -> NotificationQuerySet:
    """Notifications that may have to be mailed: unseen, not mailed, not too old, with a reader who can be
    reached."""
    readers = {"user__suspended_at": None, "user__joined_at__isnull": False}
    rows = Notification.objects.unseen().filter(
        mailed_at=None, created_at__gt=clock.now() - TOO_OLD, **readers
    )
    return rows.exclude(user__email="")


class _Later:
    """Notifications that are not considered before a moment."""

    def __init__(self) -> None:
        # The same for all, since those with the same moment are one statement.
        self.now = clock.now()
        self._rows: dict[dt.datetime | None, list[int]] = {}

    def add(self, rows: Iterable[Notification], until: dt.datetime | None) -> None:
        self._rows.setdefault(until, []).extend(row.pk for row in rows)

    def postpone(self) -> None:
        """Do so with those that are due and were not mailed just now."""
        for until, rows in self._rows.items():
            due_now = Notification.objects.filter(pk__in=rows, mailed_at=None, mail_due_at__lte=self.now)
            due_now.update(mail_due_at=until)


class _Mails:
    """Mails that are composed and not posted yet, with their notifications."""

    def __init__(self) -> None:
        self._letters: list[outbox.Letter] = []
        self._news: dict[str, list[Notification]] = {}

    def add(self, key: str, reader: "User", news: list[Notification], scopes: dict[str, MailScope]) -> None:
        self._letters.append(_letter(key, reader, news, scopes))
        self._news[key] = news

    def post(self) -> int:
        """Post them all, and mark their notifications as mailed. Returns how many."""
        posted, mailed = outbox.post_all(self._letters), []
        for mail in posted:
            for row in self._news[mail.key]:
                row.mail, row.mailed_at = mail, clock.now()
                mailed.append(row)
        Notification.objects.bulk_update(mailed, ["mail", "mailed_at"])
        return len(posted)


def _due_at_once(reader: "User", rows: list[Notification]) -> Iterator[tuple[str, list[Notification]]]:
    """One mail for each thing with a notification that is due; newer ones about it are included."""
    by_thing: dict[bell.Thing, list[Notification]] = {}
    for row in rows:
        by_thing.setdefault((row.thing_kind, row.thing_id), []).append(row)
    for news in by_thing.values():
        if news[0].created_at <= clock.now() - QUIET:
            yield f"news:{reader.pk}:{news[-1].pk}", news


def _due_daily(reader: "User", rows: list[Notification]) -> Iterator[tuple[str, list[Notification]]]:
    """The digest of the day, with everything up to its hour."""
    last = last_daily(reader.time_zone)
    if news := [row for row in rows if row.created_at <= last]:
        yield f"daily:{reader.pk}:{last.astimezone(ZoneInfo(reader.time_zone)).date()}", news


def _letter(
    key: str, reader: "User", news: list[Notification], titles: dict[str, MailScope]
) -> outbox.Letter:
    zone = ZoneInfo(reader.time_zone)
    with translation.override(reader.language), timezone.override(zone), dates.in_full():
        groups = _groups_of(reader, news, titles)
    lines = [line for group in groups for line in group.lines]
    scopes = {row.scope for row in news}
    return outbox.Letter(
        key=key,
        kind="news",
        user=reader,
        address=reader.email,
        language=reader.language,
        zone=reader.time_zone,
        context={
            "name": reader.get_short_name(),
            "groups": groups,
            "only": lines[0] if len(lines) == 1 else None,
            "several_things": len({(row.thing_kind, row.thing_id) for row in news}) > 1,
            "first": lines[0],
            "mute_link": _mute_link(reader, news),
            "news_link": settings.SITE_URL + reverse("news"),
        },
        stop_scope=scopes.pop() if len(scopes) == 1 else EVERYWHERE,
    )


def _mute_link(reader: "User", news: Iterable[Notification]) -> str:
    """The link that mutes the one thing that a mail is about; empty if there is none such."""
    things = {(row.thing_kind, row.thing_id) for row in news}
    thing = things.pop()
    if things or not following_queries.is_followable(thing[0]):
        return ""
    return unsubscribe_link(reader.pk, following_queries.scope_of(thing))


def _groups_of(
    reader: "User", news: Iterable[Notification], scopes: dict[str, MailScope]
) -> list[DigestGroup]:
    """Notifications by scope, and in a scope one item for each kind and thing."""
    found: dict[str, dict[bell.BellKey, list[Notification]]] = {}
    for row in news:
        lines = found.setdefault(row.scope, {})
        lines.setdefault((row.kind, row.thing_kind, row.thing_id), []).append(row)
    return [
        DigestGroup(
            scopes[scope].title
            if scope in scopes
            else str(next(iter(lines.values()))[0].context.get("space", "")),
            [
                DigestItem(queries.item_text(rows[-1], reader, len(rows)), settings.SITE_URL + rows[-1].path)
                for rows in lines.values()
            ],
        )
        for scope, lines in found.items()
    ]
