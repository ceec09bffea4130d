from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def write_what_was_derived(apps, schema_editor):
    """Until now a role's name said who keeps order, and whoever had a time was in at most until the room's end."""
    members = apps.get_model("messaging", "RoomMember").objects
    members.filter(role__in=["trainer", "coordinator"]).update(keeps_order=True)
    rooms = apps.get_model("messaging", "Room").objects.filter(pk=OuterRef("room"))
    members.filter(until__gt=F("room__closes_at")).update(until=Subquery(rooms.values("closes_at")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_due_work'),
    ]

    operations = [
        migrations.AlterField(
            model_name='roommember',
            name='role',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name='roommember',
            name='keeps_order',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(write_what_was_derived, migrations.RunPython.noop),
    ]
