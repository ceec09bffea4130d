from django.db import migrations, transaction

from common.searching import search_text

BATCH = 500
SEARCHED = {
    "Thread": ("title", "text"),
    "Reply": ("text",),
    "Practice": ("title", "setting", "context", "tried", "happened", "change"),
}


def write_search_text(apps, schema_editor):
    """In batches of their own transaction: interrupted, it goes on with the rows that have none."""
    for name, fields in SEARCHED.items():
        posts = apps.get_model("community", name).objects.filter(search_text="").order_by("pk")
        last = 0
        while batch := list(posts.filter(pk__gt=last).only("language", *fields)[:BATCH]):
            last = batch[-1].pk
            for post in batch:
                words = "\n".join(filter(None, (getattr(post, field) for field in fields)))
                post.search_text = search_text(words, post.language)
            with transaction.atomic():
                posts.model.objects.bulk_update(batch, ["search_text"])


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("community", "0007_posts"),
    ]

    operations = [
        migrations.RunPython(write_search_text, migrations.RunPython.noop, elidable=True),
    ]
