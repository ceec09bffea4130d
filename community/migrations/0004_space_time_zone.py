from django.db import migrations, models


def keep_zones(apps, schema_editor):
    """Each space has had its institute's until now."""
    institutes = apps.get_model("community", "Institute").objects.filter(pk=models.OuterRef("institute"))
    apps.get_model("community", "Space").objects.update(
        time_zone=models.Subquery(institutes.values("time_zone"))
    )


class Migration(migrations.Migration):

    dependencies = [
        ("community", "0003_shows_reading"),
    ]

    operations = [
        migrations.AddField(
            model_name="space",
            name="time_zone",
            field=models.CharField(default="", max_length=60),
            preserve_default=False,
        ),
        migrations.RunPython(keep_zones, migrations.RunPython.noop),
    ]
