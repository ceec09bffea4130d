import datetime as dt
import uuid

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def end_what_ended_with_a_role(apps, schema_editor):
    """Dismiss coordinators of spaces who do not coordinate the institute any more: until now their membership was
    only left out when it was read, and their place in the room not even that."""
    Membership, Staff = apps.get_model("community", "Membership"), apps.get_model("community", "Staff")
    Entry, Revocation = apps.get_model("messaging", "Entry"), apps.get_model("messaging", "Revocation")
    Room, RoomMember = apps.get_model("messaging", "Room"), apps.get_model("messaging", "RoomMember")
    now = dt.datetime.now(dt.UTC)
    staff = Staff.objects.filter(
        user=OuterRef("user"), institute=OuterRef("space__institute"), role="coordinator"
    )
    former = Membership.objects.filter(~Exists(staff), role="coordinator", dismissed_at=None)
    for membership in former.select_related("space").order_by("pk"):
        membership.dismissed_at, membership.ended_with_role = now, True
        membership.save(update_fields=["dismissed_at", "ended_with_role"])
        room_id = membership.space.room_id
        place = RoomMember.objects.filter(room=room_id, user=membership.user_id, dismissed_at=None)
        if place.update(dismissed_at=now):
            room = Room.objects.select_for_update().get(pk=room_id)
            room.last_number += 1
            room.save(update_fields=["last_number"])
            Entry.objects.create(
                room=room,
                number=room.last_number,
                kind="leave",
                author_id=membership.user_id,
                client_id=uuid.uuid4(),
                at=now,
            )
            Revocation.objects.create(person=membership.user_id, at=now)


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0004_space_time_zone'),
        ('messaging', '0009_room_member_keeps_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='ended_with_role',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(end_what_ended_with_a_role, migrations.RunPython.noop),
    ]
