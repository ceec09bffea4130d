from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("community", "0016_one_spelling_of_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="preferred_name",
            field=models.CharField(
                blank=True,
                help_text="Empty means the whole name.",
                max_length=60,
                verbose_name="what we call them",
            ),
        ),
    ]
