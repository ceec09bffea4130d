from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0020_room_notices")]

    operations = [
        migrations.AddIndex(
            "Mail", models.Index(fields=["address", "created_at"], name="mail_by_address")
        ),
    ]
