"""Invitations by mail. The link carries a signed id, never the address. Visiting it changes nothing, since
mail scanners follow links: only the button on its page does.

Each mail of an invitation has a link of its own, and only the newest works, so that a link that leaked does
not come alive again when the invitation is renewed.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused, System, recorded, require
from common.addresses import normalize_address
from common.database import get_or_create_all
from community.people import belonging
from community.people.actions import lock_address, verified_owner_of
from community.people.destinations import Purpose, destination_of
from community.people.models import Invitation, User
from community.people.zones import UNKNOWN_ZONE, default_zone
from messaging.notifications import delivery, outbox
from messaging.notifications.models import Mail

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MAILS_PER_HOUR = 3
"""Mails to one address from which nobody has joined yet. Those of the institute wait for their turn; those
that a visitor asks for are left out, since there are some to be found."""
MAILS_PER_DAY = 6
"""Beyond these, visitors can ask for no more."""
UNPROVED_MAILS = ("account-", "invitation")
"""The kinds of mail to addresses that nobody has verified."""
_signer = signing.Signer(salt="invitation")


def register() -> None:
    """Register how an invitation mail that failed is sent again."""
    outbox.register_renewal("invitation", _renew_mail)


def invite(*, user: User, address: str, **about: Any) -> Invitation:
    """Invite one user, see `invite_all`. Returns the invitation."""
    [invitation] = invite_all(people=[(user, address)], **about)
    return invitation


@transaction.atomic
def invite_all(
    *,
    people: Iterable[tuple[User, str]],
    occasion: str,
    next_path: str,
    by: User | System,
    not_before: dt.datetime | None = None,
) -> list[Invitation]:
    """Invite users who have not joined yet, each at an address, in a fixed number of statements. A repeated
    call renews the invitations and sends other mails; mails that are not sent yet are replaced. Returns the
    invitations."""
    users = {(user.pk, normalize_address(address)): user for user, address in people}
    fields = {
        "occasion": occasion,
        "next_path": next_path if is_local(next_path) else "/",
        "invited_by": recorded(by),
        "invited_at": clock.now(),
        "expires_at": Invitation.expiry(),
    }
    pending = Invitation.objects.select_for_update().filter(
        user__in={user for user, _address in users},
        address__in={address for _user, address in users},
        accepted_at=None,
        revoked_at=None,
    )
    found, created = get_or_create_all(
        users,
        lambda: {(one.user_id, one.address): one for one in pending.order_by("pk")},
        lambda key: Invitation(user=users[key], address=key[1], **fields),
    )
    invitations = {key: found[key] for key in users}
    for key, invitation in invitations.items():
        invitation.user = users[key]
    _renew([invitations[key] for key in users if key not in created], fields)
    _post_mails(list(invitations.values()), not_before)
    return list(invitations.values())


@transaction.atomic
def send_again(*, invitation: Invitation, by: User | System) -> Invitation:
    """Send the same mail again and renew the lifetime of its link; one that is held back stays so until its
    time. Returns the invitation."""
    return invite(
        user=invitation.user,
        address=invitation.address,
        occasion=invitation.occasion,
        next_path=invitation.next_path,
        by=(invitation.invited_by or SYSTEM) if isinstance(by, System) else by,
        not_before=held_until(invitation),
    )


@transaction.atomic
def revoke(*, invitation: Invitation) -> None:
    """Invalidate the link. An accepted invitation stays accepted."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=clock.now()
    )
    outbox.withdraw(_keys_of(invitation))


@transaction.atomic
def undo(*, invitation: Invitation) -> None:
    """Undo an invitation whose mail is not sent. The link of a mail sent before for another occasion keeps
    working, and leads to the first page."""
    if not outbox.was_sent(_keys_of(invitation)):
        revoke(invitation=invitation)
        return
    pending = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if outbox.withdraw(_keys_of(invitation)) and invitation.link_number:
        pending.update(link_number=invitation.link_number - 1)
    pending.update(occasion="", next_path="/")


@transaction.atomic
def remind(address: str) -> bool:
    """Send all users invited at this address their mail again. Returns whether there are any.

    For pages with a form for an address; their response does not depend on the result.
    """
    expected = User.objects.filter(email=normalize_address(address), joined_at=None, suspended_at=None)
    reminded = False
    for user in expected.order_by("pk"):
        last = user.invitations.order_by("-invited_at").first()
        if has_enough_mails(address):
            reminded = True
            continue
        if last is None:
            last = invite(user=user, address=address, occasion="", next_path="/", by=SYSTEM)
        elif last.revoked_at is None:
            last = send_again(invitation=last, by=SYSTEM)
        else:
            continue
        delivery.send_soon(_keys_of(last))
        reminded = True
    return reminded


@transaction.atomic
def accept(
    *,
    invitation: Invitation,
    name: str,
    occupation: str,
    language: str,
    preferred_name: str = "",
    password: str = "",
) -> User:
    """Join with an invitation. Its link was mailed to the address, so the address is verified. Returns the
    user.

    Raises Refused when the invitation is no longer valid or another user has verified the address.
    """
    invitation = _lock(invitation)
    user = invitation.user
    require(can_be_accepted(invitation), gettext("This invitation no longer works."))
    owner = verified_owner_of(invitation.address)
    if owner is not None and owner != user:
        raise Refused(gettext("This address already belongs to another account."))
    user.name, user.preferred_name = name, preferred_name
    user.occupation, user.language = occupation, language
    if user.time_zone == UNKNOWN_ZONE:
        user.time_zone = default_zone(language)
    # A password set before the address was verified may be an attacker's, so it is always replaced.
    user.set_password(password or None)
    user.email = invitation.address
    user.joined_at = clock.now()
    user.full_clean(exclude=["password"])
    user.save()
    EmailAddress.objects.filter(user=user).exclude(email=invitation.address).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=invitation.address, defaults={"verified": True, "primary": True}
    )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
    return user


@transaction.atomic
def accept_with_account(*, invitation: Invitation, account: User) -> None:
    """Add what an invitation is about to the account that has verified its address.

    Raises Refused when the invitation is no longer valid or the account is not that one.
    """
    invitation = _lock(invitation)
    require(can_be_accepted(invitation), gettext("This invitation no longer works."))
    require(
        verified_owner_of(invitation.address) == account,
        gettext("This address already belongs to another account."),
    )
    belonging.move_to_account(invited=invitation.user, account=account)
    account.invitations.filter(accepted_at=None, revoked_at=None).update(accepted_at=clock.now())


def _lock(invitation: Invitation) -> Invitation:
    """Lock the address, the user and the invitation, in this order. Two institutes may have invited the same
    address, and only one user can verify it."""
    lock_address(invitation.address)
    owner = Invitation.objects.filter(pk=invitation.pk).values("user")
    user = User.objects.select_for_update(no_key=True).get(pk__in=owner)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    locked.user = user
    return locked


def can_be_accepted(invitation: Invitation) -> bool:
    """Whether the invitation can still be accepted."""
    return invitation.is_open and invitation.user.joined_at is None and invitation.user.is_active


def link_to(invitation: Invitation) -> str:
    """The path of the page on which this invitation is accepted."""
    return reverse("invitation", args=[_signer.sign(f"{invitation.pk}.{invitation.link_number}")])


@dataclass(frozen=True)
class Link:
    """A link of an invitation, and whether it is the newest."""

    invitation: Invitation
    is_newest: bool


def find(signed: str) -> Link | None:
    """What a link is; None when the signature is wrong."""
    try:
        pk, _dot, number = _signer.unsign(signed).partition(".")
    except signing.BadSignature:
        return None
    invitation = Invitation.objects.select_related("user", "invited_by").filter(pk=pk).first()
    # Links of earlier versions have no number.
    return Link(invitation, _is_newest(invitation, int(number or 0))) if invitation else None


def _is_newest(invitation: Invitation, number: int) -> bool:
    """Whether no mail with a newer link was sent. One that waits does not yet replace the last."""
    if number == invitation.link_number - 1:
        return Mail.objects.waiting().filter(key__startswith=_keys_of_link(invitation)).exists()
    return number == invitation.link_number


def held_until(invitation: Invitation) -> dt.datetime | None:
    """The moment until which its mail is held back, if it is and was not tried yet."""
    held = Mail.objects.waiting().filter(
        key__startswith=_keys_of(invitation), attempts=0, not_before__gt=clock.now()
    )
    return held.order_by("-not_before").values_list("not_before", flat=True).first()


def is_out(invitation: Invitation) -> bool:
    """Whether a mail of it was sent, or tried to be. The mails of old invitations are deleted."""
    mails = Mail.objects.filter(key__startswith=_keys_of(invitation))
    untried = mails.waiting().filter(attempts=0)
    return not mails.exists() or mails.count() > untried.count()


def has_enough_mails(address: str) -> bool:
    """Whether no more mails may be asked for to an address that nobody has verified."""
    lately = [
        outbox.recent(addresses=[address], kinds=UNPROVED_MAILS, within=each).count() for each in (HOUR, DAY)
    ]
    return lately[0] >= MAILS_PER_HOUR or lately[1] >= MAILS_PER_DAY


def is_local(path: str) -> bool:
    """Whether this is a path on this site (no open redirect)."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def _renew(invitations: list[Invitation], fields: dict[str, Any]) -> None:
    """Renew invitations, and withdraw their mails that are not sent.

    A mail that was not sent gives the number of its link to the next. After the end of an invitation one is
    left out, so that its last link stays dead while the next mail waits.
    """
    if not invitations:
        return
    of_theirs = Mail.objects.filter(
        kind="invitation", address__in={invitation.address for invitation in invitations}
    )
    sent = tuple(of_theirs.sent_or_claimed().values_list("key", flat=True))
    for invitation in invitations:
        keys = _keys_of_link(invitation)
        if not invitation.is_open:
            invitation.link_number += 2
        elif any(key.startswith(keys) for key in sent):
            invitation.link_number += 1
        for name, value in fields.items():
            setattr(invitation, name, value)
    Invitation.objects.bulk_update(invitations, ["link_number", *fields])
    own = tuple(_keys_of(invitation) for invitation in invitations)
    unsent = of_theirs.unsent().values_list("key", flat=True)
    outbox.withdraw_all([key for key in unsent if key.startswith(own)])


class _Turns:
    """From which moment there may be another mail to each of these addresses."""

    def __init__(self, addresses: Collection[str]) -> None:
        self._moments: dict[str, list[dt.datetime]] = {address: [] for address in addresses}
        lately = outbox.recent(addresses=addresses, kinds=UNPROVED_MAILS, within=HOUR)
        for address, moment in lately.values_list("address", "created_at"):
            self._moments[address].append(moment)

    def next(self, address: str, wanted: dt.datetime | None) -> dt.datetime | None:
        """The moment before which the next mail to this address is not to leave."""
        moments = self._moments[address][-MAILS_PER_HOUR:]
        self._moments[address].append(clock.now())
        if len(moments) < MAILS_PER_HOUR:
            return wanted
        return max(moments[0] + HOUR, wanted or moments[0])


def _renew_mail(mail: Mail) -> bool:
    pk = mail.key.split(":")[1]
    invitation = Invitation.objects.filter(pk=pk, accepted_at=None, revoked_at=None).first()
    if invitation is None or invitation.user.joined_at is not None:
        return False
    send_again(invitation=invitation, by=SYSTEM)
    return True


def _post_mails(invitations: list[Invitation], not_before: dt.datetime | None) -> None:
    """Post the mails of invitations that differ only in whom they are to: all of them train, or none. Who
    trains learns who else does; what the others read is composed once."""
    if not invitations:
        return
    turns = _Turns({invitation.address for invitation in invitations})
    about = destination_of(invitations[0])
    train, shared = about.purpose == Purpose.TRAINING, {"invitation": invitations[0], "about": about}
    outbox.post_all(
        outbox.Letter(
            key=f"{_keys_of(each)}{each.link_number}:{each.invited_at.isoformat()}",
            kind="invitation",
            user=each.user,
            address=each.address,
            language=each.user.language,
            zone=each.user.time_zone,
            context=shared | {"about": destination_of(each)} if train else shared,
            personal={"name": each.user.name, "link": settings.SITE_URL + link_to(each)},
            not_before=turns.next(each.address, not_before),
            priority=Mail.Priority.INVITATION,
            has_secret=True,
        )
        for each in invitations
    )


def _keys_of(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}:"


def _keys_of_link(invitation: Invitation) -> str:
    """The keys of the mails with the present link. In those of earlier versions there was no number."""
    number = f"{invitation.link_number}:" if invitation.link_number else ""
    return _keys_of(invitation) + number
