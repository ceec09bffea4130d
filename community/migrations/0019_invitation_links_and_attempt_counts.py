from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("community", "0018_rerender_texts")]

    operations = [
        migrations.AddField(
            "Invitation",
            "link_number",
            models.PositiveIntegerField(default=0, help_text="part of the link; a renewal raises it"),
        ),
        migrations.CreateModel(
            name="AttemptCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("count", models.PositiveIntegerField(default=0)),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
