from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0015_file_kind_help'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='entry',
            name='kept_title',
        ),
    ]
