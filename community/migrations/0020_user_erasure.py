from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("community", "0019_invitation_links_and_attempt_counts")]

    operations = [
        migrations.AddField(
            "user",
            "erasure_at",
            models.DateTimeField(blank=True, null=True, verbose_name="will be erased"),
        ),
        migrations.AddField("user", "erasure_takes_posts", models.BooleanField(default=False)),
        migrations.AddField(
            "user", "erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased")
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["erasure_at"], condition=Q(erasure_at__isnull=False), name="user_to_be_erased"
            ),
        ),
    ]
