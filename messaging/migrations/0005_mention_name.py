from django.conf import settings
from django.db import migrations, models


def name_them(apps, schema_editor):
    """Who was mentioned before was most likely called what they are called now."""
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(pk=models.OuterRef("user"))
    apps.get_model("messaging", "Mention").objects.update(name=models.Subquery(people.values("name")))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("messaging", "0004_fold_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="mention",
            name="name",
            field=models.CharField(default="", max_length=120),
            preserve_default=False,
        ),
        migrations.RunPython(name_them, migrations.RunPython.noop),
    ]
