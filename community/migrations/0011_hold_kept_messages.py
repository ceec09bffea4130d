import re
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import migrations

from common import html
from common.searching import search_text

REPLIES_A_PAGE = 30
COPY = re.compile(r"^\*\*.+\*\*, (\d\d:\d\d)\n\n((?:>.*(?:\n|$))+)", re.M)
"""What keeping wrote for consecutive messages of one author: name, time, and their words as a quote."""


def hold_messages(apps, schema_editor):
    """Replace copied messages by references to them, where the copy has the same words as they have.

    What its author added to the copy stays. A copy stays as it is when its words were changed, when a message
    was edited, or when not all messages are found: a message kept again links to the later post only.
    """
    kept = {"kept_from__isnull": False}
    for thread in apps.get_model("community", "Thread").objects.filter(**kept).select_related("space"):
        _replace(apps, "thread", thread, thread.space, f"/threads/{thread.pk}/", thread.title)
    for reply in apps.get_model("community", "Reply").objects.filter(**kept).select_related("thread__space"):
        page = max(0, reply.number - 1) // REPLIES_A_PAGE + 1
        path = f"/threads/{reply.thread_id}/?page={page}#reply-{reply.number}"
        _replace(apps, "reply", reply, reply.thread.space, path, "")


def _replace(apps, kind, post, space, path, title):
    entries = apps.get_model("messaging", "Entry").objects
    found = list(entries.filter(room=space.room_id, kept_path__endswith=path).order_by("number"))
    runs = [list(run) for _author, run in groupby(found, lambda entry: entry.author_id)]
    copies = COPY.findall(post.text)
    zone = ZoneInfo(space.time_zone)
    if not runs or len(runs) != len(copies):
        return
    if not all(_is_copy(time, quote, run, zone) for (time, quote), run in zip(copies, runs)):
        return
    held = apps.get_model("community", "KeptMessage")
    held.objects.bulk_create(
        held(post_kind=kind, post_id=post.pk, message=entry) for entry in found
    )
    post.text = COPY.sub("", post.text).strip()
    post.html = html.render(post.text)
    post.search_text = search_text(f"{title}\n{post.text}".strip(), post.language)
    post.save(update_fields=["text", "html", "search_text"])


def _is_copy(time, quote, run, zone):
    if not any(entry.text for entry in run):
        # Their author was erased, whose words must not stay in the copy. The time says that it is theirs.
        return f"{run[0].at.astimezone(zone):%H:%M}" == time
    return quote.rstrip("\n") == "\n>\n".join(
        "\n".join(f"> {line}".rstrip() for line in entry.text.splitlines()) for entry in run
    )


class Migration(migrations.Migration):

    dependencies = [
        ("community", "0010_kept_messages"),
    ]

    operations = [
        migrations.RunPython(hold_messages, migrations.RunPython.noop),
    ]
