from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # Apart from the rows it holds for: PostgreSQL alters no table whose rows the same transaction has changed.

    dependencies = [
        ('community', '0005_membership_ended_with_role'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(
                condition=Q(ended_with_role=False) | Q(dismissed_at__isnull=False),
                name='ended_membership_is_dismissed',
            ),
        ),
    ]
