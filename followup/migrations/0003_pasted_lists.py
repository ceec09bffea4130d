from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("followup", "0002_run_sent_once"),
    ]

    operations = [
        migrations.AlterField(
            model_name="completionbatch",
            name="source",
            field=models.CharField(
                choices=[
                    ("button", "by hand"),
                    ("file", "from a file"),
                    ("pasted", "pasted"),
                    ("command", "by command"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="completionbatch",
            name="content",
            field=models.TextField(
                blank=True, help_text="the rows as they were read; emptied when they have been applied"
            ),
        ),
    ]
