import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("messaging", "0006_mail_looked_at_again"),
    ]

    operations = [
        migrations.RenameModel("MailChoice", "MailPreference"),
        migrations.RenameField("MailPreference", "pace", "frequency"),
        migrations.AlterField(
            model_name="mailpreference",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mail_preferences",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
