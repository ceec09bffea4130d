"""Use-cases for who looks after invitations: invite again, and correct an address. Whether somebody may is
asked by the subjects that invite people; a person who has joined looks after their own address."""

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, System, require
from common.addresses import normalize_address
from community.people import invitations
from community.people.invitation_queries import AGAIN_AFTER
from community.people.models import Invitation, User

if TYPE_CHECKING:
    from django.db.models import QuerySet


@transaction.atomic
def invite_again(*, user: User, by: User | System) -> Invitation:
    """Send somebody their invitation again, at most once a day. Returns the invitation.

    Raises Refused when they have joined, were not invited, or were invited less than a day ago.
    """
    user = _lock_who_has_not_joined(user)
    invitation = _pending(user).first()
    if invitation is None:
        raise Refused(gettext("%(name)s has no pending invitation.") % {"name": user.name})
    require(
        invitation.invited_at <= clock.now() - AGAIN_AFTER,
        gettext("%(name)s was invited less than a day ago. Please give them some time.")
        % {"name": user.name},
    )
    return invitations.send_again(invitation=invitation, by=by)


@transaction.atomic
def correct_address(*, user: User, address: str, by: User | System) -> User:
    """Correct the address of somebody who has not joined. The old invitation stops working, and a new one is
    sent to the new address if there was one, not before the old one would have been. Returns the user.

    It does not say whose address that is elsewhere: if somebody has an account with it, the invitation offers
    to add what it is about to that account. Raises Refused when they have joined.
    """
    address = normalize_address(address)
    user = _lock_who_has_not_joined(user)
    if address == user.email:
        return user
    pending = list(_pending(user))
    held_until = max(filter(None, map(invitations.held_until, pending)), default=None)
    for invitation in pending:
        invitations.revoke(invitation=invitation)
    EmailAddress.objects.filter(user=user).delete()
    user.email = address
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    if pending:
        invitations.invite(
            user=user,
            address=address,
            occasion=pending[0].occasion,
            next_path=pending[0].next_path,
            by=by,
            not_before=held_until,
        )
    return user


def has_invitation_out(user: User) -> bool:
    """Whether an invitation that can be accepted or renewed was mailed to this user."""
    return any(map(invitations.is_out, _pending(user)))


def _lock_who_has_not_joined(user: User) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    require(
        user.joined_at is None and user.is_active,
        gettext("%(name)s has joined and now manages their own address.") % {"name": user.name},
    )
    return user


def _pending(user: User) -> "QuerySet[Invitation]":
    """The invitations that can be accepted or renewed, the newest first."""
    return user.invitations.filter(accepted_at=None, revoked_at=None).order_by("-invited_at", "-pk")
