"""Following and muting a thing: which news of it somebody is told."""

from typing import TYPE_CHECKING

from django.db import transaction

from common import clock
from messaging.notifications import bell
from messaging.notifications.bell import Thing
from messaging.notifications.models import Following, Mail, Notification

if TYPE_CHECKING:
    from community.people.models import User

NAMES_ITS_READER = "mention"
"""How the kinds of notifications begin that reach somebody who muted the thing as well."""


def follow(*, user: "User", thing: Thing) -> None:
    """Tell the person of everything new about a thing. Idempotent."""
    _choose(user, thing, Following.Choice.FOLLOWS)


@transaction.atomic
def mute(*, user: "User", thing: Thing) -> None:
    """Tell the person of nothing new about a thing any more, unless it names them, nor mail what is new
    already. Idempotent."""
    # Digests are written with this lock.
    bell.lock_bells(users=[user])
    _choose(user, thing, Following.Choice.MUTED)
    kind, pk = thing
    about = Notification.objects.unseen().filter(user=user, thing_kind=kind, thing_id=pk)
    about = about.exclude(kind__startswith=NAMES_ITS_READER)
    # A mail that waits and contains some of it is written again, without that.
    waiting = Mail.objects.filter(user=user, given_up_at=None).unsent()
    outdated = list(waiting.filter(news__in=about).order_by("pk").values_list("pk", flat=True).distinct())
    now = clock.now()
    Notification.objects.filter(mail__in=outdated).update(mail=None, mailed_at=None, mail_due_at=now)
    Mail.objects.filter(pk__in=outdated).delete()
    about.filter(mailed_at=None).update(mailed_at=now)


def _choose(user: "User", thing: Thing, choice: Following.Choice) -> None:
    kind, pk = thing
    Following.objects.update_or_create(
        user=user,
        thing_kind=kind,
        thing_id=pk,
        defaults={"choice": choice, "chosen_at": clock.now()},
    )
