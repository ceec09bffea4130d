import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0011_hold_kept_messages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(help_text="the name of a role of the space's kind", max_length=32),
        ),
        migrations.AlterField(
            model_name='space',
            name='institute',
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='spaces',
                to='community.institute',
            ),
        ),
        migrations.AlterField(
            model_name='space',
            name='kind',
            field=models.CharField(
                help_text='registered by the subject that owns it, see kinds', max_length=32
            ),
        ),
        migrations.AlterField(
            model_name='thread',
            name='audience',
            field=models.CharField(
                choices=[('everyone', 'everyone here'), ('answerers', 'those who answer only')],
                default='everyone',
                max_length=12,
            ),
        ),
    ]
