"""Notifications of mentions are about a mention: a message itself may now be opened for its files, by all who
read it."""

from django.db import migrations

MODELS = ("Notification", "Mail")


def rename(before, after):
    def run(apps, schema_editor):
        for name in MODELS:
            model = apps.get_model("messaging", name)
            model.objects.using(schema_editor.connection.alias).filter(thing_kind=before).update(
                thing_kind=after
            )

    return run


class Migration(migrations.Migration):
    dependencies = [("messaging", "0030_following")]
    operations = [migrations.RunPython(rename("message", "mention"), rename("mention", "message"))]
