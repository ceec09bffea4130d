from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0019_rerender_texts")]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("message", "message"),
                    ("edit", "changed"),
                    ("withdraw", "taken back"),
                    ("restore", "put back"),
                    ("keep", "kept"),
                    ("react", "marked"),
                    ("leave", "left"),
                    ("notice", "changed around the room"),
                ],
                default="message",
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="entry", name="message_has_its_author"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("author__isnull", False), ("kind__in", ["leave", "notice"]), _connector="OR"),
                name="message_has_its_author",
            ),
        ),
    ]
