"""Use-cases of erasing a person: asked for with a week to think again, kept, and done."""

import datetime as dt
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from common import clock, privacy
from common.access import require
from common.addresses import normalize_address
from community.erasure import record
from community.people.models import User
from messaging.live import publish
from messaging.notifications import delivery, outbox

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME_TO_THINK = dt.timedelta(days=7)
LEASE = dt.timedelta(minutes=10)
"""How long one worker has for a person; longer than erasing the busiest one takes."""


class ObstructedError(Exception):
    """Somebody else has to be named first; `strerror` is for the administrator and names nobody."""

    strerror = "this person is the last coordinator of an institute"


@transaction.atomic
def obstacles_of(user: User) -> list[str]:
    """Sentences on what has to be done before this user may be erased; empty if nothing."""
    return privacy.obstacles_of(user)


@transaction.atomic
def ask(*, user: User, takes_posts: bool) -> User:
    """Have a user erased in a week. Until then they can sign in and keep the account. Idempotent: the day
    stays, the choice is updated. Returns the user.

    `takes_posts`: whether what they wrote for others to read goes too, or stays without the name. Raises
    Refused while they are the last coordinator of an institute.
    """
    user = _lock(user)
    _require_no_obstacle(user)
    user.erasure_takes_posts = takes_posts
    if user.erasure_at is None:
        user.erasure_at = clock.now() + TIME_TO_THINK
        user.save(update_fields=["erasure_at", "erasure_takes_posts"])
        privacy.announce_departure(user)
        _post_mail(user)
    else:
        user.save(update_fields=["erasure_takes_posts"])
    return user


def erase_at_once(*, user: User, takes_posts: bool) -> None:
    """Erase a user without the week, for a written request. If it is interrupted, the jobs go on.

    Raises Refused while they are the last coordinator of an institute, and OSError if they cannot be
    recorded.
    """
    with transaction.atomic():
        user = _lock(user)
        _require_no_obstacle(user)
        user.erasure_at, user.erasure_takes_posts = clock.now() + LEASE, takes_posts
        user.save(update_fields=["erasure_at", "erasure_takes_posts"])
        privacy.announce_departure(user)
        _sign_out(user)
    erase(user=user)


@transaction.atomic
def keep(*, user: User) -> bool:
    """Keep an account that was to be erased. Returns whether it was.

    Raises Refused when it is suspended, as it is from the beginning of its erasure, or when it is recorded
    and an administrator has lifted the suspension.
    """
    user = _lock(user)
    if user.erasure_at is None:
        return False
    has_begun = not user.is_active or record.has(user.key)
    require(not has_begun, gettext("This account is suspended or already being erased."))
    user.erasure_at, user.erasure_takes_posts = None, False
    user.save(update_fields=["erasure_at", "erasure_takes_posts"])
    privacy.call_off_departure(user)
    outbox.withdraw(_keys_of(user))
    return True


def erase(*, user: User, again: bool = False) -> bool:
    """Erase a user now. Returns False if they are erased already, or keep their account. Idempotent: if it
    was interrupted it is simply repeated, and until then they cannot sign in.

    `again`: they were erased before an older back-up was restored, in which nobody has asked for it. Raises
    ObstructedError while they are the last coordinator of an institute, unless it is done again, and OSError
    if they cannot be recorded outside the database (`record`); then nothing is erased yet.
    """
    if not _begin(user, again):
        return False
    # From here on `keep` refuses. Recorded earlier, somebody who kept the account could be in the record, and
    # would be erased after a back-up is restored.
    user = User.objects.get(pk=user.pk)
    record.add(user.key, takes_posts=user.erasure_takes_posts)
    privacy.erase(user)
    User.objects.filter(pk=user.pk).update(erased_at=clock.now(), erasure_at=None, erasure_takes_posts=False)
    return True


@transaction.atomic
def claim_due(pk: int) -> User | None:
    """Claim a user whose week is over by moving the moment, so that it is tried again after a killed
    process. None if another process has them, or they keep the account."""
    now = clock.now()
    due = User.objects.filter(pk=pk, erasure_at__lte=now)
    return User.objects.get(pk=pk) if due.update(erasure_at=now + LEASE) else None


def find(address: str) -> "list[User]":
    """The users with this address, as it is stored or as people write it: whoever verified it, and all who
    have it as their contact."""
    try:
        found = _with_address(normalize_address(address))
    except ValueError:
        found = []
    return found or _with_address(address)


def _with_address(address: str) -> "list[User]":
    verified = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user")
    mine = User.objects.filter(pk__in=verified) | User.objects.filter(email__iexact=address)
    return list(mine.filter(erased_at=None).order_by("pk"))


def _lock(user: User) -> User:
    """The row as it is now. Without its key: who holds an institute and adds a row that refers to this user
    must not wait for us, since we lock institutes next."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _require_no_obstacle(user: User) -> None:
    require(user.erased_at is None, gettext("This account has already been erased."))
    obstacles = privacy.obstacles_of(user)
    require(not obstacles, " ".join(obstacles))


@transaction.atomic
def _begin(user: User, again: bool) -> bool:
    """Sign them out for good, unless they keep the account, which is known under the lock only."""
    user = _lock(user)
    if user.erased_at is not None or (user.erasure_at is None and not again):
        return False
    if not again and user.is_active and privacy.obstacles_of(user):
        raise ObstructedError
    if user.erasure_at is None:
        user.erasure_at = clock.now() + LEASE  # if it is interrupted, the jobs go on
    _sign_out(user)
    return True


def _sign_out(user: User) -> None:
    """For good, so that nothing is added while they are being erased."""
    user.suspended_at = user.suspended_at or clock.now()
    user.set_unusable_password()
    user.save(update_fields=["suspended_at", "password", "erasure_at"])
    # A list with the address that is applied meanwhile creates somebody else.
    EmailAddress.objects.filter(user=user).update(verified=False)
    publish.signed_out(user.pk)


def _post_mail(user: User) -> None:
    """To every address that is theirs: if it was not they who asked, this is how they learn of it."""
    for address in _addresses_of(user):
        outbox.post(
            key=f"{_keys_of(user)}{clock.now().isoformat()}:{address}"[:200],
            kind="erasure-asked",
            user=user,
            address=address,
            language=user.language,
            zone=user.time_zone,
            context={
                "name": user.get_short_name(),
                "at": user.erasure_at,
                "link": settings.SITE_URL + reverse("erasure"),
            },
            expires_at=user.erasure_at,
        )
    delivery.send_soon(_keys_of(user))


def _addresses_of(user: User) -> "Iterable[str]":
    # Who has not joined has none; they cannot sign in to change their mind, and may never have heard of us.
    verified = EmailAddress.objects.filter(user=user, verified=True)
    return verified.order_by("email").values_list("email", flat=True)


def _keys_of(user: User) -> str:
    return f"erasure:{user.pk}:"
