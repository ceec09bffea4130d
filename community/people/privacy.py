"""Export and erasure of accounts, addresses, invitations and drafts."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from common import clock, names, privacy
from community.people.models import Draft, Invitation, User
from messaging.live import publish
from messaging.notifications import outbox

FIELDS = (
    "account.EmailAddress.user",
    "admin.LogEntry.user",
    "community.Draft.user",
    "community.Invitation.invited_by",
    "community.Invitation.user",
    "community.User.groups",
    "community.User.user_permissions",
)


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("people", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The profile, the addresses, the invitations and the drafts."""
    return {
        "name": user.name,
        "preferred_name": user.preferred_name,
        "address": user.email,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified")),
        "occupation": user.occupation,
        "language": user.language,
        "time_zone": user.time_zone,
        "shows_presence": user.shows_presence,
        "shows_reading": user.shows_reading,
        "joined_at": user.joined_at and user.joined_at.isoformat(),
        "invitations": [
            {"address": row.address, "to": row.occasion, "on": row.invited_at.isoformat()}
            for row in user.invitations.order_by("pk")
        ],
        "drafts": [
            {"place": row.place, "title": row.title, "fields": row.fields}
            for row in user.drafts.order_by("pk")
        ],
    }


@transaction.atomic
def erase(user: User) -> None:
    """Anonymize the account and deny sign-in. The row stays without a name, because posts refer to it."""
    Draft.objects.filter(user=user).delete()
    for invitation in user.invitations.all():
        outbox.withdraw(f"invitation:{invitation.pk}:")
    Invitation.objects.filter(user=user).delete()
    Invitation.objects.filter(invited_by=user).update(invited_by=None)
    EmailAddress.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.name, user.preferred_name, user.email, user.occupation = names.NAMELESS, "", "", ""
    user.suspended_at = user.suspended_at or clock.now()
    user.is_staff = user.is_superuser = user.is_moderator = False
    user.set_unusable_password()
    user.save()
    publish.signed_out(user.pk)
