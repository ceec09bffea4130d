"""Rooms are locked before bells and bells before mentions, so that there is no deadlock. Tested with two
connections, of which the second waits for a lock of the first before the first goes on. SQLite has one writer
at a time, so there the second runs after the first."""

import uuid

import pytest

from common.access import SYSTEM
from community.spaces import actions as spaces
from community.spaces import privacy as privacy_of_spaces
from messaging.chat import actions, mentions, privacy
from messaging.chat.models import Entry, Mention, Room, RoomMember
from messaging.notifications import bell
from messaging.notifications.models import Notification
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db(transaction=True)


def post(space, author, text):
    return actions.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4())


def test_notifying_of_mentions_while_they_are_erased(space, participant, trainer, monkeypatch, caplog):
    with monkeypatch.context() as nobody:
        nobody.setattr(mentions, "_notifiers", [])
        post(space, participant, f"@{trainer.name}")
    with concurrent(mentions.notify_due) as now:
        bell.lock_bells(users=[trainer])
        now()
        Mention.objects.filter(user=trainer).delete()
    assert not Notification.objects.exists()
    assert caplog.messages == []


@pytest.mark.parametrize("erase", [privacy.erase, privacy_of_spaces.erase])
def test_erasing_a_person_in_several_rooms_while_another_locks_one_of_them(
    space, institute, participant, trainer, erase
):
    other = spaces.open_space(
        kind="follow-up",
        institute=institute,
        title="Other",
        language="en",
        closes_at=space.closes_at,
        time_zone="Europe/Budapest",
    )
    spaces.admit(space=other, user=participant, role="participant", by=SYSTEM)
    for place in (space, other):
        message = post(place, participant, f"@{trainer.name}")
        about = {"thing": ("space", place.pk), "scope": place.scope, "path": "/", "context": {}}
        bell.notify(user=participant, key=f"any:{message.pk}", kind="mention", **about)
    with concurrent(lambda: erase(participant)) as now:
        Room.objects.select_for_update().get(pk=other.room_id)
        now()
        bell.lock_bells(users=[participant, trainer])
    if erase is privacy.erase:
        assert not Entry.objects.filter(author=participant).exclude(text="").exists()
    else:
        assert not RoomMember.objects.current().filter(user=participant).exists()
