"""Invitations by mail. The link carries a signed id, never the address. Visiting it changes nothing, since
mail scanners follow links: only the button on its page does."""

import datetime as dt

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
from community.people.actions import verified_owner_of
from community.people.models import Invitation, User
from messaging.notifications import delivery, outbox
from messaging.notifications.models import Mail

_signer = signing.Signer(salt="invitation")


@transaction.atomic
def invite(
    *,
    user: User,
    address: str,
    occasion: str,
    next_path: str,
    by: User | System,
    not_before: dt.datetime | None = None,
) -> Invitation:
    """Invite a user who has not joined yet. A repeated call renews the invitation and sends another mail; a
    mail that is not sent yet is replaced. Returns the invitation."""
    address = normalize_address(address)
    invitation, _new = Invitation.objects.select_for_update().update_or_create(
        user=user,
        address=address,
        accepted_at=None,
        revoked_at=None,
        defaults={
            "occasion": occasion,
            "next_path": next_path if is_local(next_path) else "/",
            "invited_by": recorded(by),
            "invited_at": clock.now(),
            "expires_at": Invitation.expiry(),
        },
    )
    _post_mail(invitation, not_before)
    return invitation


@transaction.atomic
def send_again(*, invitation: Invitation, by: User | System) -> Invitation:
    """Send the same mail again and renew the lifetime of its link. Returns the invitation."""
    return invite(
        user=invitation.user,
        address=invitation.address,
        occasion=invitation.occasion,
        next_path=invitation.next_path,
        by=(invitation.invited_by or SYSTEM) if isinstance(by, System) else by,
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
    outbox.withdraw(_keys_of(invitation))
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(occasion="", next_path="/")


@transaction.atomic
def remind(address: str) -> bool:
    """Send all users invited at this address their mail again. Returns whether there are any.

    For pages with a form for an address; their response does not depend on the result.
    """
    expected = User.objects.filter(email=normalize_address(address), joined_at=None, suspended_at=None)
    reminded = False
    for user in expected.order_by("pk"):
        last = user.invitations.order_by("-invited_at").first()
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
    invitation = Invitation.objects.select_for_update().select_related("user").get(pk=invitation.pk)
    user = invitation.user
    require(can_be_accepted(invitation), gettext("This invitation does not work any more."))
    owner = verified_owner_of(invitation.address)
    if owner is not None and owner != user:
        raise Refused(gettext("This address already belongs to another account."))
    user.name, user.preferred_name = name, preferred_name
    user.occupation, user.language = occupation, language
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


def can_be_accepted(invitation: Invitation) -> bool:
    """Whether the invitation can still be accepted."""
    return invitation.is_open and invitation.user.joined_at is None and invitation.user.is_active


def link_to(invitation: Invitation) -> str:
    """The path of the page on which this invitation is accepted."""
    return reverse("invitation", args=[_signer.sign(str(invitation.pk))])


def find(signed: str) -> Invitation | None:
    """The invitation of a link; None when the signature is wrong."""
    try:
        pk = _signer.unsign(signed)
    except signing.BadSignature:
        return None
    return Invitation.objects.select_related("user", "invited_by").filter(pk=pk).first()


def is_local(path: str) -> bool:
    """Whether this is a path on this site (no open redirect)."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def _post_mail(invitation: Invitation, not_before: dt.datetime | None) -> None:
    user = invitation.user
    outbox.withdraw(_keys_of(invitation))
    outbox.post(
        key=f"{_keys_of(invitation)}{invitation.invited_at.isoformat()}",
        kind="invitation",
        user=user,
        address=invitation.address,
        language=user.language,
        zone=user.time_zone,
        context={"invitation": invitation, "link": settings.SITE_URL + link_to(invitation)},
        not_before=not_before,
        priority=Mail.Priority.INVITATION,
        has_secret=True,
    )


def _keys_of(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}:"
