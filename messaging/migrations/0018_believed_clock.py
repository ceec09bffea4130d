from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0017_mail_given_up")]

    operations = [
        migrations.CreateModel(
            name="BelievedClock",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="one_believed_clock")
                ],
            },
        ),
    ]
