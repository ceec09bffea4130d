"""Of which practice each try-out is in the end a try-out, and how many there are of each."""

from collections import Counter

from django.db import migrations

PER_BATCH = 1_000


def find_origins(apps, schema_editor):
    Practice = apps.get_model("community", "Practice")
    try_outs = Practice.objects.filter(builds_on__isnull=False)
    builds_on = dict(try_outs.values_list("pk", "builds_on"))
    counts = Counter()
    published = try_outs.filter(withdrawn_at=None, published_at__isnull=False)
    for pk in published.values_list("pk", flat=True).iterator(PER_BATCH):
        below = builds_on[pk]
        while below is not None:
            counts[below] += 1
            below = builds_on.get(below)
    changed = []
    in_chains = builds_on.keys() | counts.keys()
    for practice in Practice.objects.only("pk").iterator(PER_BATCH) if in_chains else ():
        if practice.pk not in in_chains:
            continue
        origin = builds_on.get(practice.pk)
        while builds_on.get(origin) is not None:
            origin = builds_on[origin]
        practice.origin_id, practice.try_out_count = origin, counts[practice.pk]
        changed.append(practice)
    Practice.objects.bulk_update(changed, ["origin", "try_out_count"], batch_size=PER_BATCH)


class Migration(migrations.Migration):
    dependencies = [("community", "0027_practice_facts")]

    operations = [migrations.RunPython(find_origins, migrations.RunPython.noop)]
