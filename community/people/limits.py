"""How often something may be tried before signing in: wide by network address, narrow by account.

A whole school, or several rooms of teachers on the last day of a course, have one network address. So a
network is stopped only far above what they do. What is tried for one account is narrow for each network, so
that a stranger does not use up what its owner needs, and wider for all networks together.

The counters are rows: a cache drops the oldest when it is full, and anybody can fill it. They name nobody.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from common import clock, database
from common.addresses import normalize_address
from common.networks import network_of
from community.people.models import AttemptCount
from messaging.jobs.housekeeping import delete_batch, register_rule

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
A_FEW_MINUTES = dt.timedelta(minutes=10)
KEEP_COUNTS = DAY
"""How long a count is kept after its period, so that none is deleted while it is being used."""


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts within a period that begins with the first of them."""

    count: int
    period: dt.timedelta


@dataclass(frozen=True)
class Rule:
    """The limits of one action: for a network, for an account, for an account from one network, and for all
    together."""

    network: tuple[Limit, ...] = ()
    account: tuple[Limit, ...] = ()
    account_in_network: tuple[Limit, ...] = ()
    everybody: tuple[Limit, ...] = ()


RULES = {
    # Wrong passwords; one that is right is taken off again. A stranger elsewhere who guesses at an account
    # does not at once shut out its owner, who can also sign in by a code.
    "password": Rule(
        network=(Limit(150, 10 * MINUTE), Limit(500, HOUR)),
        account=(Limit(30, HOUR), Limit(100, DAY)),
        account_in_network=(Limit(5, 5 * MINUTE), Limit(20, HOUR)),
    ),
    # Asking for a mail by typing an address: a code, a link for a new password, the invitation again.
    # Asked before a code is made, so that a refusal leaves the last one as it is. Who asks from one network
    # for codes of somebody else does not keep them from having one mailed where they are; no limit is longer
    # than an hour. (To an address that nobody has verified `invitations.has_enough_mails` allows fewer.)
    "mail": Rule(
        network=(Limit(240, MINUTE), Limit(1200, HOUR)),
        account=(Limit(60, HOUR),),
        account_in_network=(Limit(5, MINUTE), Limit(10, HOUR)),
    ),
    # Codes and links to somebody we know, by whatever way. It is wider than "mail", which asks first, because
    # beyond this one a mail is left out without a word.
    "letter": Rule(account=(Limit(90, HOUR),)),
    # Mails to addresses that we never heard of. Beyond these limits no mail is sent, and no page says so.
    "stranger": Rule(
        network=(Limit(20, HOUR), Limit(60, DAY)),
        account=(Limit(1, DAY),),
        everybody=(Limit(200, HOUR),),
    ),
    "sign-up": Rule(network=(Limit(120, MINUTE), Limit(400, HOUR))),
    "address": Rule(account=(Limit(5, HOUR), Limit(10, DAY))),
    # What was typed before a session ended, kept in the session of a visitor (`people.unsent`).
    "unsent": Rule(account=(Limit(30, HOUR),)),
}


def register() -> None:
    """Register how long counts are kept."""
    register_rule("attempt-counts", delete_counts)


def consume(action: str, request: HttpRequest, account: str = "") -> bool:
    """Count one attempt. Returns whether it is allowed; if not, it is not counted."""
    limits = dict(_keys(action, request, account))
    try:
        return _count(limits)
    except DatabaseError as error:
        if not database.cannot_write(error):
            raise
        database.log_no_room()
        return _count_in_cache(limits)


def too_often(action: str, request: HttpRequest, account: str = "") -> str:
    """The sentence for an attempt that was not allowed, with how long to wait."""
    limits, now = dict(_keys(action, request, account)), clock.now()
    counts = AttemptCount.objects.filter(key__in=limits, ends_at__gt=now)
    ends = [each.ends_at for each in counts if each.count >= limits[each.key].count]
    wait = max(ends, default=now) - now
    if wait > HOUR:
        return gettext("Too many attempts. Please try again tomorrow.")
    if wait > A_FEW_MINUTES:
        return within_an_hour()
    return gettext("Too many attempts. Please wait a few minutes and try again.")


def within_an_hour() -> str:
    """The sentence for who has to wait for up to an hour."""
    return gettext("Too many attempts. Please try again in an hour.")


def forgive(action: str, request: HttpRequest, account: str = "") -> None:
    """Take one attempt off again, because it was not one to be limited."""
    with database.if_there_is_room():
        _take_off([key for key, _limit in _keys(action, request, account)])


@transaction.atomic
def _take_off(keys: list[str]) -> None:
    counts = AttemptCount.objects.select_for_update().filter(key__in=keys, count__gt=0).order_by("key")
    for each in counts:
        each.count -= 1
        each.save(update_fields=["count"])


def delete_counts(size: int) -> int:
    """Delete counts whose period is over. Returns how many."""
    return delete_batch(AttemptCount.objects.filter(ends_at__lt=clock.now() - KEEP_COUNTS), size)


@transaction.atomic
def _count(limits: dict[str, Limit]) -> bool:
    now = clock.now()
    # Always in the order of the keys, so that two attempts cannot deadlock.
    AttemptCount.objects.bulk_create(
        [AttemptCount(key=key, ends_at=now) for key in sorted(limits)], ignore_conflicts=True
    )
    counts = list(AttemptCount.objects.select_for_update().filter(key__in=limits).order_by("key"))
    for each in counts:
        if each.ends_at <= now:
            each.count, each.ends_at = 0, now + limits[each.key].period
    if any(each.count >= limits[each.key].count for each in counts):
        return False
    for each in counts:
        each.count += 1
    AttemptCount.objects.bulk_update(counts, ["count", "ends_at"])
    return True


def _count_in_cache(limits: dict[str, Limit]) -> bool:
    """As `_count`, while the disk is full."""
    for key, limit in limits.items():
        cache.add(key, 0, limit.period.total_seconds())
    if any(cache.get(key, 0) >= limit.count for key, limit in limits.items()):
        return False
    for key in limits:
        with suppress(ValueError):  # its period has just ended
            cache.incr(key)
    return True


def _keys(action: str, request: HttpRequest, account: str) -> Iterator[tuple[str, Limit]]:
    """The counters of an attempt, each with its limit. Without a known network there is none for it."""
    rule, network, account = RULES[action], network_of(request), _one_spelling(account)
    counted = {
        "network": (rule.network if network else (), network),
        "account": (rule.account, account),
        "account in network": (rule.account_in_network, f"{account} {network}"),
        "everybody": (rule.everybody, ""),
    }
    for what, (limits, which) in counted.items():
        for limit in limits:
            name = f"{action}|{what}|{limit.period.total_seconds()}|{which}"
            yield salted_hmac("community.people.limits", name, algorithm="sha256").hexdigest(), limit


def _one_spelling(account: str) -> str:
    """The account, however its address was typed."""
    try:
        return normalize_address(account)
    except ValueError:
        return account.strip().lower()
