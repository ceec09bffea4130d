"""The hand-written SQL reads and writes what the models would."""

import datetime as dt
import itertools
import uuid

import pytest
from django.db import transaction

from common import clock
from messaging.chat import sql
from messaging.chat.models import Entry, Room, RoomMember
from tests.cast import person

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def test_writers_are_the_current_members_that_are_not_suspended():
    moments = [None, -HOUR, HOUR]
    rooms, users = [], []
    for ends, until, dismissed, suspended in itertools.product(
        moments, moments, [None, -HOUR], [None, -HOUR]
    ):
        now = clock.now()
        at = [None if one is None else now + one for one in (ends, until, dismissed, suspended)]
        user = person(f"Member {len(users)}")
        user.suspended_at = at[3]
        user.save(update_fields=["suspended_at"])
        room = Room.objects.create(closes_at=at[0], last_number=len(rooms))
        RoomMember.objects.create(room=room, user=user, until=at[1], dismissed_at=at[2], role="trainer")
        rooms.append(room.pk)
        users.append(user.pk)
    members = RoomMember.objects.current().filter(room__in=rooms, user__suspended_at=None)
    expected = {
        (room, user): (role, name)
        for room, user, role, name in members.values_list("room_id", "user_id", "role", "user__name")
    }
    assert 0 < len(expected) < len(rooms)
    assert sql.writers(rooms, users) == expected
    with transaction.atomic():
        locked = sql.lock_rooms(rooms)
    assert locked == {room.pk: (room.last_number, room.is_open) for room in Room.objects.filter(pk__in=rooms)}


def test_an_entry_is_inserted_as_the_model_would(space, participant):
    ours = Entry(
        room_id=space.room_id,
        number=1,
        author_id=participant.pk,
        client_id=uuid.uuid4(),
        text="Õhtu \"'%s\\",
        html="<p>Õ</p>",
        folded="o",
        language="lt",
        at=clock.now(),
    )
    again = Entry(room_id=space.room_id, number=2, author_id=participant.pk, client_id=uuid.uuid4())
    sql.insert([ours, again])
    theirs = Entry.objects.create(room_id=space.room_id, number=3, author_id=participant.pk)
    assert ours.pk < again.pk < theirs.pk
    kept = Entry.objects.get(pk=ours.pk)
    for field in Entry._meta.concrete_fields:
        assert getattr(kept, field.attname) == getattr(ours, field.attname), field.name
    assert Entry.objects.get(pk=again.pk).kept_path == theirs.kept_path
    assert sql.sent_before([space.room_id], [participant.pk], [ours.client_id, uuid.uuid4()]) == [ours]
    assert sql.sent_before([space.room_id], [participant.pk + 1], [ours.client_id]) == []


def test_numbers_are_raised_and_never_lowered():
    low, high = Room.objects.create(last_number=1), Room.objects.create(last_number=9)
    sql.advance({low.pk: 5, high.pk: 5})
    assert list(
        Room.objects.filter(pk__in=[low.pk, high.pk]).order_by("pk").values_list("last_number", flat=True)
    ) == [5, 9]
