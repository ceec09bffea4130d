import re

from django.db import migrations

from common import html
from common.searching import search_text

REPLIES_A_PAGE = 30
COPY = re.compile(r"^\*\*.+\*\*, \d\d:\d\d\n\n((?:>.*(?:\n|$))+)", re.M)
"""What keeping wrote for the messages of one author in a row: name, time, and the words as a quote."""


def hold_messages(apps, schema_editor):
    """Replace copied messages by references to them, where all of them are still found in the room.

    What its author added to the copy stays. A copy whose messages are not found stays as it is.
    """
    kept = {"kept_from__isnull": False}
    for thread in apps.get_model("community", "Thread").objects.filter(**kept).select_related("space"):
        _replace(apps, "thread", thread, thread.space.room_id, f"/threads/{thread.pk}/", thread.title)
    for reply in apps.get_model("community", "Reply").objects.filter(**kept).select_related("thread__space"):
        page = max(0, reply.number - 1) // REPLIES_A_PAGE + 1
        path = f"/threads/{reply.thread_id}/?page={page}#reply-{reply.number}"
        _replace(apps, "reply", reply, reply.thread.space.room_id, path, "")


def _replace(apps, kind, post, room_id, path, title):
    entries = apps.get_model("messaging", "Entry").objects
    found = list(entries.filter(room=room_id, kept_path__endswith=path).order_by("number"))
    runs = sum(
        before is None or before.author_id != entry.author_id for before, entry in zip([None, *found], found)
    )
    if not found or found[0].number != post.kept_from or len(COPY.findall(post.text)) != runs:
        return
    held = apps.get_model("community", "KeptMessage")
    held.objects.bulk_create(
        held(post_kind=kind, post_id=post.pk, message=entry) for entry in found
    )
    post.text = COPY.sub("", post.text).strip()
    post.html = html.render(post.text)
    post.search_text = search_text(f"{title}\n{post.text}".strip(), post.language)
    post.save(update_fields=["text", "html", "search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ("community", "0010_kept_messages"),
    ]

    operations = [
        migrations.RunPython(hold_messages, migrations.RunPython.noop),
    ]
