from django.db import migrations

from common.searching import fold


def fold_texts(apps, schema_editor):
    """Let what was written before be found as well."""
    entry = apps.get_model("messaging", "Entry")
    rows = entry.objects.exclude(text="").filter(folded="").only("pk", "text")
    batch = []
    for row in rows.iterator(chunk_size=500):
        row.folded = fold(row.text)
        batch.append(row)
        if len(batch) == 500:
            entry.objects.bulk_update(batch, ["folded"])
            batch = []
    entry.objects.bulk_update(batch, ["folded"])


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_room_whole'),
    ]

    operations = [
        migrations.RunPython(fold_texts, migrations.RunPython.noop),
    ]
