"""Mails about news: soon for who wants them at once, gathered into one a day for all others, never for who
has seen it already.

A mail is written in the transaction that marks its news as mailed, with the reader's bell held. So any
number of jobs may run at once and be killed: each piece of news is in one mail.
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
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from common import clock
from messaging.jobs import loop
from messaging.notifications import bell, delivery, mail_preferences, outbox, queries
from messaging.notifications.models import Bell, Mail, MailPreference, Notification, NotificationQuerySet

if TYPE_CHECKING:
    from community.people.models import User

QUIET = dt.timedelta(seconds=60)
"""How long news waits for being seen on the page before a mail is made of it."""
HOUR = dt.time(17)
"""When the daily mail is written, on its reader's clock."""
OLDEST = dt.timedelta(days=3)
"""Older news is not mailed any more: after a long silence nobody gets a month in one mail."""

logger = logging.getLogger("aftercourse.mail")


@dataclass(frozen=True)
class DigestLine:
    """Notifications of one kind about one thing, as text."""

    text: str
    url: str


@dataclass(frozen=True)
class DigestGroup:
    """What is new in one scope."""

    title: str
    lines: list[DigestLine]


def register() -> None:
    """Have mails about news written by `manage.py jobs`, and looked at before they leave."""
    loop.register("news", sweep_digests)
    delivery.register_recheck("news", still_true)


def sweep_digests() -> int:
    """Write all mails about news that are due; returns how many. One that fails holds up no other."""
    written = 0
    for user in _due():
        try:
            written += _write_for(user)
        except Exception:
            logger.exception("News for %s could not be mailed; it is tried again in the next round", user)
    return written


def _waiting() -> NotificationQuerySet:
    """News that may have to be mailed: unseen, not mailed, and its reader can be reached."""
    readers = {"user__suspended_at": None, "user__joined_at__isnull": False}
    rows = Notification.objects.unseen().filter(
        mailed_at=None, created_at__gt=clock.now() - OLDEST, **readers
    )
    return rows.exclude(user__email="")


def _due() -> list[int]:
    """Who has news for which it is time, as far as can be told without asking what they may see."""
    waiting = _waiting().filter(created_at__lte=clock.now() - QUIET)
    rows = waiting.order_by().values("user_id", "user__time_zone", "scope").annotate(oldest=Min("created_at"))
    chosen = {
        (user, scope): frequency
        for user, scope, frequency in MailPreference.objects.filter(
            user__in=waiting.order_by().values("user")
        ).values_list("user_id", "scope", "frequency")
    }
    at_once, daily = set(), {}
    for row in rows:
        user = row["user_id"]
        wanted = chosen.get((user, row["scope"]), mail_preferences.DEFAULT_FREQUENCY)
        evening = last_evening(row["user__time_zone"])
        if wanted == mail_preferences.Frequency.NOW:
            at_once.add(user)
        elif wanted == mail_preferences.Frequency.DAILY and row["oldest"] <= evening:
            daily[user] = _key_of_day(user, evening, row["user__time_zone"])
    written = set(Mail.objects.filter(key__in=daily.values()).values_list("key", flat=True))
    return sorted(at_once | {user for user, key in daily.items() if key not in written})


@transaction.atomic
def _write_for(user_pk: int) -> int:
    """Write what is due for one person; returns how many mails it made."""
    # Whoever sees news elsewhere, or writes the same mail, waits here or comes first.
    list(Bell.objects.select_for_update().filter(user=user_pk))
    reader: User = get_user_model().objects.get(pk=user_pk)
    rows = list(_waiting().filter(user=reader).select_related("by").order_by("created_at", "pk"))
    seen_by_them = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in rows})
    rows = [row for row in rows if (row.thing_kind, row.thing_id) in seen_by_them]
    chosen = mail_preferences.frequencies_of(reader)
    by_frequency: dict[str, list[Notification]] = {}
    for row in rows:
        by_frequency.setdefault(chosen.get(row.scope, mail_preferences.DEFAULT_FREQUENCY), []).append(row)
    return _write_at_once(reader, by_frequency.get(mail_preferences.Frequency.NOW, [])) + _write_daily(
        reader, by_frequency.get(mail_preferences.Frequency.DAILY, [])
    )


def _write_at_once(reader: "User", rows: list[Notification]) -> int:
    """One mail for each thing of which some news has waited long enough; newer news of it goes along."""
    by_thing: dict[bell.Thing, list[Notification]] = {}
    for row in rows:
        by_thing.setdefault((row.thing_kind, row.thing_id), []).append(row)
    many = 0
    for news in by_thing.values():
        if news[0].created_at <= clock.now() - QUIET:
            many += _post(f"news:{reader.pk}:{news[-1].pk}", reader, news)
    return many


def _write_daily(reader: "User", rows: list[Notification]) -> int:
    """The one mail of the day, with everything up to its hour."""
    evening = last_evening(reader.time_zone)
    news = [row for row in rows if row.created_at <= evening]
    return _post(_key_of_day(reader.pk, evening, reader.time_zone), reader, news) if news else 0


@transaction.atomic
def still_true(mail: Mail) -> bool:
    """Whether its reader may see, and wants mail of, all that it tells of. If not, it is taken back, and a
    later round writes of the rest."""
    list(Bell.objects.select_for_update().filter(user=mail.user_id))
    reader: User | None = mail.user
    news = list(mail.news.all())
    if reader is None or not news:
        return True
    seen_by_them = bell.visible_things(reader, {(row.thing_kind, row.thing_id) for row in news})
    chosen = mail_preferences.frequencies_of(reader)
    stands = [
        row.withdrawn_at is None
        and (row.thing_kind, row.thing_id) in seen_by_them
        and chosen.get(row.scope) != mail_preferences.Frequency.NEVER
        for row in news
    ]
    if all(stands):
        return True
    logger.info("Mail %s is written anew: its reader may not have all of it any more", mail.pk)
    mail.news.update(mail=None, mailed_at=None)
    Mail.objects.filter(pk=mail.pk).delete()
    return False


def last_evening(zone: str) -> dt.datetime:
    """The hour of the daily mail that came last, in this zone."""
    local = clock.now().astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= HOUR else local.date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, HOUR, ZoneInfo(zone)).astimezone(dt.UTC)


def _key_of_day(user_pk: int, evening: dt.datetime, zone: str) -> str:
    return f"daily:{user_pk}:{evening.astimezone(ZoneInfo(zone)).date()}"


def _post(key: str, reader: "User", news: list[Notification]) -> int:
    with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
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
            "name": reader.first_name,
            "groups": groups,
            "only": lines[0] if len(lines) == 1 else None,
            "several_things": len({(row.thing_kind, row.thing_id) for row in news}) > 1,
            "first": lines[0],
            "news_link": settings.SITE_URL + reverse("news"),
        },
        stop_scope=scopes.pop() if len(scopes) == 1 else mail_preferences.EVERYWHERE,
    )
    if mail is None:
        return 0
    Notification.objects.filter(pk__in=[row.pk for row in news]).update(mailed_at=clock.now(), mail=mail)
    return 1


def _groups_of(reader: "User", news: Iterable[Notification]) -> list[DigestGroup]:
    """News by place, and in a place one line for each kind about each thing."""
    places = mail_preferences.scopes_of(reader)
    found: dict[str, dict[bell.LineKey, list[Notification]]] = {}
    for row in news:
        lines = found.setdefault(row.scope, {})
        lines.setdefault((row.kind, row.thing_kind, row.thing_id), []).append(row)
    return [
        DigestGroup(
            places[scope].title
            if scope in places
            else str(next(iter(lines.values()))[0].context.get("space", "")),
            [
                DigestLine(queries.line_text(rows[-1], reader, len(rows)), settings.SITE_URL + rows[-1].path)
                for rows in lines.values()
            ],
        )
        for scope, lines in found.items()
    ]
