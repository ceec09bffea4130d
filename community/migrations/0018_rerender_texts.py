from django.db import migrations

from common.rerendering import rerender


def render_anew(apps, schema_editor):
    """Old texts are shown by the present rules: with the numbers and signs that were typed."""
    for name in ("Thread", "Reply"):
        rerender(apps.get_model("community", name).objects.all(), {"text": "html"})
    parts = ("context", "tried", "happened", "change")
    rerender(apps.get_model("community", "Practice").objects.all(), {part: f"{part}_html" for part in parts})


class Migration(migrations.Migration):

    # Batches have transactions of their own, so that a large installation is not locked meanwhile.
    atomic = False

    dependencies = [
        ("community", "0017_user_preferred_name"),
    ]

    operations = [
        migrations.RunPython(render_anew, migrations.RunPython.noop),
    ]
