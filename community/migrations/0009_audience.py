import django.db.models.deletion
from django.db import migrations, models


OWN_SPACE = """
INSERT INTO community_audience (post_kind, post_id, reach, space_id)
SELECT '{kind}', id, 'space', space_id FROM community_{kind} ORDER BY id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0008_search_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='Audience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post_kind', models.CharField(max_length=20)),
                ('post_id', models.PositiveBigIntegerField()),
                ('reach', models.CharField(choices=[('space', 'Space'), ('library', 'Library'), ('public', 'Public')], default='space', max_length=7)),
                ('space', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='community.space')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reach', 'space'), ('space__isnull', False)), models.Q(models.Q(('reach', 'space'), _negated=True), ('space', None)), _connector='OR'), name='audience_of_a_space_names_it'), models.UniqueConstraint(fields=('post_kind', 'post_id', 'space'), name='audience_space_once'), models.UniqueConstraint(condition=models.Q(('space', None)), fields=('post_kind', 'post_id', 'reach'), name='audience_reach_once')],
            },
        ),
        # Every post of before is for the space in which it stands.
        migrations.RunSQL(OWN_SPACE.format(kind="thread"), migrations.RunSQL.noop),
        migrations.RunSQL(OWN_SPACE.format(kind="practice"), migrations.RunSQL.noop),
    ]
