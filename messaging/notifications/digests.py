"""Mails about unseen notifications: at once or as one digest a day, as the reader prefers.

A mail is inserted in the transaction that marks its notifications as mailed, with the reader's bell locked.
So any number of jobs may run at once and be killed: each notification is in one mail.
"""

import datetime as dt
import logging
from collections.abc import Iterable
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
from messaging.notifications import bell, delivery, outbox, queries
from messaging.notifications.bell import QUIET
from messaging.notifications.mail_preferences import (
    DEFAULT_FREQUENCY,
    EVERYWHERE,
    Frequency,
    frequencies_of,
    scopes_of,
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

logger = logging.getLogger("aftercourse.mail")


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


def sweep_digests() -> int:
    """Write all mails about notifications that are due. Returns how many."""
    now = clock.now()
    rows = _unmailed().filter(mail_due_at__gt=now - TOO_OLD, mail_due_at__lte=now).order_by("mail_due_at")
    return due.sweep_rows("news", rows, write_for, due_at="mail_due_at", field="user_id")


@transaction.atomic
def write_for(user_pk: int) -> int:
    """Write the mails that are due for one person. Returns how many."""
    # Waits for another worker that writes the same mail, and for requests that mark notifications as seen.
    list(Bell.objects.select_for_update().filter(user=user_pk))
    reader: User = get_user_model().objects.get(pk=user_pk)
    rows = list(_unmailed().filter(user=reader).select_related("by").order_by("created_at", "pk"))
    allowed = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in rows})
    frequencies = frequencies_of(reader)
    by_frequency: dict[str, list[Notification]] = {}
    hidden = []
    for row in rows:
        if (row.thing_kind, row.thing_id) in allowed:
            by_frequency.setdefault(frequencies.get(row.scope, DEFAULT_FREQUENCY), []).append(row)
        else:
            hidden.append(row)
    daily = by_frequency.get(Frequency.DAILY, [])
    written = _write_at_once(reader, by_frequency.get(Frequency.NOW, [])) + _write_daily(reader, daily)
    # Postpone what was not mailed just now, such as notifications younger than QUIET.
    _postpone(by_frequency.get(Frequency.NOW, []), clock.now() + QUIET)
    _postpone(hidden, clock.now() + HIDDEN_RECHECK)
    _postpone(daily, _next_daily(reader.time_zone))
    _postpone(by_frequency.get(Frequency.NEVER, []), None)
    return written


@transaction.atomic
def recheck(mail: Mail) -> bool:
    """Whether its reader still may see, and wants mail about, everything in it. If not, it is deleted, and
    its notifications are due again."""
    list(Bell.objects.select_for_update().filter(user=mail.user_id))
    reader: User | None = mail.user
    news = list(mail.news.all())
    if reader is None or not news:
        return True
    allowed = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in news})
    frequencies = frequencies_of(reader)
    if all(
        row.withdrawn_at is None
        and (row.thing_kind, row.thing_id) in allowed
        and frequencies.get(row.scope) != Frequency.NEVER
        for row in news
    ):
        return True
    logger.info("Mail %s is written again: its reader may not see all of it any more", mail.pk)
    mail.news.update(mail=None, mailed_at=None, mail_due_at=clock.now())
    Mail.objects.filter(pk=mail.pk).delete()
    return False


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


def _postpone(rows: Iterable[Notification], until: dt.datetime | None) -> None:
    """Do not consider these rows before that moment, as far as they are due and were not mailed just now."""
    due_now = Notification.objects.filter(
        pk__in=[row.pk for row in rows], mailed_at=None, mail_due_at__lte=clock.now()
    )
    due_now.update(mail_due_at=until)


def _write_at_once(reader: "User", rows: list[Notification]) -> int:
    """One mail for each thing with a notification that is due; newer ones about it are included."""
    by_thing: dict[bell.Thing, list[Notification]] = {}
    for row in rows:
        by_thing.setdefault((row.thing_kind, row.thing_id), []).append(row)
    written = 0
    for news in by_thing.values():
        if news[0].created_at <= clock.now() - QUIET:
            written += _post(f"news:{reader.pk}:{news[-1].pk}", reader, news)
    return written


def _write_daily(reader: "User", rows: list[Notification]) -> int:
    """The digest of the day, with everything up to its hour."""
    last = last_daily(reader.time_zone)
    news = [row for row in rows if row.created_at <= last]
    day = last.astimezone(ZoneInfo(reader.time_zone)).date()
    return _post(f"daily:{reader.pk}:{day}", reader, news) if news else 0


def _post(key: str, reader: "User", news: list[Notification]) -> int:
    zone = ZoneInfo(reader.time_zone)
    with translation.override(reader.language), timezone.override(zone), dates.in_full():
        groups = _groups_of(reader, news)
    lines = [line for group in groups for line in group.lines]
    scopes = {row.scope for row in news}
    mail = outbox.post(
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
            "news_link": settings.SITE_URL + reverse("news"),
        },
        stop_scope=scopes.pop() if len(scopes) == 1 else EVERYWHERE,
    )
    if mail is None:
        return 0
    Notification.objects.filter(pk__in=[row.pk for row in news]).update(mailed_at=clock.now(), mail=mail)
    return 1


def _groups_of(reader: "User", news: Iterable[Notification]) -> list[DigestGroup]:
    """Notifications by scope, and in a scope one item for each kind and thing."""
    scopes = scopes_of(reader)
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
