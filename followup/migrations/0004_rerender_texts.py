from django.db import migrations

from common.rerendering import rerender


def render_anew(apps, schema_editor):
    """Old texts are shown by the present rules: with the numbers and signs that were typed."""
    rerender(apps.get_model("followup", "Course").objects.all(), {"sharing_guide": "sharing_guide_html"})


class Migration(migrations.Migration):

    # Batches have transactions of their own, so that a large installation is not locked meanwhile.
    atomic = False

    dependencies = [
        ("followup", "0003_pasted_lists"),
    ]

    operations = [
        migrations.RunPython(render_anew, migrations.RunPython.noop),
    ]
