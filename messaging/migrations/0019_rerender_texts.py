from django.db import migrations

from common.rerendering import rerender


def render_anew(apps, schema_editor):
    """Old texts are shown by the present rules: with the numbers and signs that were typed."""
    rows = apps.get_model("messaging", "Entry").objects.exclude(text="")
    rerender(rows, {"text": "html"})


class Migration(migrations.Migration):

    # Batches have transactions of their own, so that a large installation is not locked meanwhile.
    atomic = False

    dependencies = [
        ("messaging", "0018_believed_clock"),
    ]

    operations = [
        migrations.RunPython(render_anew, migrations.RunPython.noop),
    ]
