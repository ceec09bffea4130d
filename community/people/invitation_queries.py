"""How the invitations of people who have not joined yet fared."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext

from common import clock
from community.people.models import Invitation, User
from messaging.notifications.models import Mail

MAIL_KIND = "invitation"
AGAIN_AFTER = dt.timedelta(days=1)
"""How long after an invitation the same person is not invited again."""


@dataclass(frozen=True)
class InvitationState:
    """The newest invitation of a person, and what became of its newest mail."""

    invitation: Invitation
    mail: Mail | None

    @property
    def failed(self) -> bool:
        """Whether its mail was given up, so that somebody has to do something."""
        return self.mail is not None and self.mail.give_up_reason in (
            Mail.GiveUpReason.REFUSED,
            Mail.GiveUpReason.FAILED,
            Mail.GiveUpReason.EXPIRED,
        )

    @property
    def waits(self) -> bool:
        """Whether its mail is still to be sent, although it should have been."""
        return self.mail is not None and self.mail.sent_at is None and bool(self.mail.last_error)

    @property
    def text(self) -> str:
        """What happened, in plain words; empty if it was sent or is about to be."""
        if self.failed and self.mail is not None:
            if self.mail.give_up_reason == Mail.GiveUpReason.REFUSED:
                return gettext(
                    "The invitation couldn’t be delivered: there is no such mailbox, or it accepts no email."
                )
            return gettext("The invitation couldn’t be delivered: the mail server accepted nothing for days.")
        if self.waits:
            return gettext(
                "The invitation hasn’t been delivered yet: the mail server isn’t accepting it. We’ll "
                "keep trying."
            )
        return ""

    @property
    def may_be_sent_again(self) -> bool:
        """Whether it is long enough ago."""
        return self.invitation.invited_at <= clock.now() - AGAIN_AFTER


def states_of(users: Iterable[User]) -> dict[int, InvitationState]:
    """The state of the invitation of each of these users who has not joined, by their ids. Who was not
    invited yet is left out. Two queries."""
    waiting = [user.pk for user in users if user.joined_at is None]
    if not waiting:
        return {}
    invitations = Invitation.objects.filter(user__in=waiting, accepted_at=None, revoked_at=None)
    newest = {each.user_id: each for each in invitations.order_by("invited_at", "pk")}
    mails = Mail.objects.filter(kind=MAIL_KIND, address__in={each.address for each in newest.values()})
    # The key of a mail begins with "invitation:" and the id of the invitation.
    by_invitation = {mail.key.split(":")[1]: mail for mail in mails.order_by("pk")}
    return {
        user_id: InvitationState(invitation, by_invitation.get(str(invitation.pk)))
        for user_id, invitation in newest.items()
    }


def did_not_arrive(address: str) -> Q:
    """The condition that an invitation to the address in this column was given up. (An invitation that is
    sent again deletes the mail that was given up.)"""
    given_up = Mail.objects.filter(kind=MAIL_KIND, address=OuterRef(address), given_up_at__isnull=False)
    return Q(Exists(given_up.exclude(give_up_reason=Mail.GiveUpReason.CANCELLED)))
