from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0004_rerender_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="month",
            name="nobody_since",
            field=models.DateTimeField(
                help_text="when it was noticed that nobody is on hand; empty while somebody is", null=True
            ),
        ),
        migrations.AddField(
            model_name="month",
            name="trainer_by",
            field=models.DateField(
                help_text="until when somebody will be on hand, as said by who opened it without a trainer",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="completionbatch",
            name="trainer_by",
            field=models.DateField(help_text="see Month.trainer_by", null=True),
        ),
        migrations.AlterField(
            model_name="occasion",
            name="kind",
            field=models.CharField(
                choices=[
                    ("prompt", "this week"),
                    ("week-before", "a week before the end"),
                    ("day-before", "a day before the end"),
                    ("closed", "closed"),
                    ("confirm-notice", "not confirmed yet"),
                    ("confirm-over", "not confirmed in time"),
                    ("trainer-due", "somebody should be on hand by now"),
                ],
                max_length=16,
            ),
        ),
    ]
