from django.db import migrations, models


def lowercase_addresses(apps, schema_editor):
    """Addresses are looked up as they are stored, in lowercase; createsuperuser kept them as typed."""
    users = apps.get_model("community", "User").objects
    for pk, email in users.exclude(email="").values_list("pk", "email").iterator():
        if email != (normal := email.strip().lower()):
            users.filter(pk=pk).update(email=normal)


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0012_kinds_of_spaces'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='user',
            index=models.Index(fields=['email'], name='user_email'),
        ),
        migrations.RunPython(lowercase_addresses, migrations.RunPython.noop),
    ]
