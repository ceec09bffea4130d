"""Export and erasure of accounts, addresses, sessions, invitations and drafts."""

import json
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from common import clock, names, privacy
from common.addresses import whole_addresses_in
from community.people import unsent
from community.people.models import Draft, Invitation, Theme, User
from community.people.picture_actions import PICTURE
from messaging.files.actions import delete_files_of
from messaging.files.models import File
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

SESSIONS_PER_QUERY = 500


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("people", export_for, erase, FIELDS, owns_account=True)


def export_for(user: User) -> dict[str, Any]:
    """The profile, the addresses, the invitations and the drafts."""
    return {
        "name": user.name,
        "preferred_name": user.preferred_name,
        "address": user.email,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified")),
        "occupation": user.occupation,
        "picture": _address_of_picture(user),
        "language": user.language,
        "time_zone": user.time_zone,
        "shows_presence": user.shows_presence,
        "shows_reading": user.shows_reading,
        "joined_at": user.joined_at and user.joined_at.isoformat(),
        "to_be_erased_at": user.erasure_at and user.erasure_at.isoformat(),
        "invitations": [
            {"address": row.address, "to": row.occasion, "on": row.invited_at.isoformat()}
            for row in user.invitations.order_by("pk")
        ],
        "drafts": [
            # The title may be that of a page of others, which the user may not see any more.
            {"place": row.place, "fields": row.fields}
            for row in user.drafts.order_by("pk")
        ],
    }


def _address_of_picture(user: User) -> str | None:
    file = File.objects.filter(kind=PICTURE, thing_id=user.pk).first()
    return file.get_absolute_url() if file else None


def erase(user: User) -> None:
    """Anonymize the account and deny sign-in. The row stays without a name, because posts refer to it."""
    _end_sessions(user)
    _anonymize(user)


@transaction.atomic
def _anonymize(user: User) -> None:
    Draft.objects.filter(user=user).delete()
    delete_files_of(PICTURE, [user.pk])
    for invitation in user.invitations.all():
        outbox.withdraw(f"invitation:{invitation.pk}:")
    Invitation.objects.filter(user=user).delete()
    Invitation.objects.filter(invited_by=user).update(invited_by=None)
    _erase_from_log(user)
    EmailAddress.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.name, user.preferred_name, user.email, user.occupation = names.NAMELESS, "", "", ""
    user.language, user.time_zone, user.theme = settings.LANGUAGE_CODE, "UTC", Theme.SYSTEM
    user.shows_presence = user.shows_reading = True
    user.last_login = user.pictures_explained_at = user.picture = None
    user.joined_at = user.joined_at or clock.now()  # nobody waits for them
    user.suspended_at = user.suspended_at or clock.now()
    user.is_staff = user.is_superuser = user.is_moderator = False
    user.set_unusable_password()
    user.save()
    publish.signed_out(user.pk)


def _end_sessions(user: User) -> None:
    """Delete the sessions of the user, those of visitors who are about to sign in with an address of theirs,
    and those that keep what the user typed after a session had ended (`unsent`)."""
    _all, addresses = privacy.addresses_of(user)
    ended = []
    for session in Session.objects.iterator(chunk_size=SESSIONS_PER_QUERY):
        content = session.get_decoded()
        is_theirs = content.get(SESSION_KEY) == str(user.pk) or unsent.is_by(user, content)
        if is_theirs or any(whole_addresses_in(text) & addresses for text in _texts_in(content)):
            ended.append(session.pk)
    for start in range(0, len(ended), SESSIONS_PER_QUERY):
        Session.objects.filter(pk__in=ended[start : start + SESSIONS_PER_QUERY]).delete()


def _texts_in(value: Any) -> Iterator[str]:
    """The texts in a decoded JSON value, without the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(each)


def _erase_from_log(user: User) -> None:
    """Django's log of the administration names the rows that were changed."""
    if user.name in ("", names.NAMELESS):
        return
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    LogEntry.objects.filter(about).update(object_repr=names.NAMELESS)
    as_json = json.dumps(user.name)[1:-1]
    mentioned = Q(object_repr__contains=user.name) | Q(change_message__contains=user.name)
    for entry in LogEntry.objects.filter(mentioned | Q(change_message__contains=as_json)):
        entry.object_repr = names.without(entry.object_repr, user.name)
        entry.change_message = names.without(entry.change_message, user.name, as_json)
        entry.save(update_fields=["object_repr", "change_message"])
