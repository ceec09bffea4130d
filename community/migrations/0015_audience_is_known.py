from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0014_rename_audience'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(
                condition=models.Q(('audience__in', ['everyone', 'answerers'])),
                name='thread_audience_is_known',
            ),
        ),
    ]
