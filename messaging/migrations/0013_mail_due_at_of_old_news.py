from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    notifications = apps.get_model("messaging", "Notification").objects
    notifications.filter(seen_at=None, mailed_at=None).update(mail_due_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_mail_due_at")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
