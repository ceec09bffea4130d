"""A database of the release before posts and rights of spaces, with rows in it, migrates without losing any.

The rows are laid by historical models at the last migrations of that release, in a database of their own;
then `manage.py migrate` runs as an administrator runs it, and today's models read them.
"""

import json

import pytest

from tests.servers import postgres
from tests.site import Site, environment, manage, temporary_folder

BEFORE = (("community", "0004"), ("followup", "0002"), ("messaging", "0006"))
"""The last migrations of that release. Its tables are what installations have; these names never change."""
LAY = f"""
from django.core.management import call_command
for app, name in {BEFORE!r}:
    call_command("migrate", app, name, verbosity=0)
"""
LAY += """
import datetime as dt
import uuid
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

loader = MigrationExecutor(connection).loader
apps = loader.project_state(list(loader.applied_migrations)).apps
community, followup, messaging = (
    lambda name, app=app: apps.get_model(app, name).objects for app in ("community", "followup", "messaging")
)
now = dt.datetime.now(dt.UTC).replace(microsecond=0)
day = dt.timedelta(days=1)

def user(name):
    address = f"{name.lower()}@school.test"
    return community("User").create(name=name, email=address, joined_at=now, time_zone="Europe/Budapest")

petra, tamara, cora, former, gone, aron = map(user, ["Petra", "Tamara", "Cora", "Former", "Gone", "Aron"])
institute = community("Institute").create(name="Institute", slug="institute", country="HU")
community("Staff").create(institute=institute, user=cora, role="coordinator")
room = messaging("Room").create(closes_at=now + 20 * day, last_number=6)
space = community("Space").create(
    kind="follow-up", institute=institute, room=room, title="A month", language="en",
    time_zone="Europe/Budapest", opened_at=now - 10 * day, closes_at=now + 20 * day,
)
until = now + 2 * day
for who, role, more, in_room in [
    (petra, "participant", {}, {}),
    (tamara, "trainer", {}, {}),
    (cora, "coordinator", {}, {}),
    (former, "coordinator", {}, {}),  # of the institute no more, and nobody ended the membership
    (gone, "participant", {"dismissed_at": now - day}, {"dismissed_at": now - day}),
    (aron, "participant", {"awaiting_until": until}, {"until": until}),
]:
    at = now - 10 * day
    community("Membership").create(space=space, user=who, role=role, admitted_at=at, **more)
    messaging("RoomMember").create(room=room, user=who, role=role, admitted_at=at, read_number=2, **in_room)

def entry(number, author, text="", kind="message", **more):
    html = f"<p>{text}</p>" if text else ""
    return messaging("Entry").create(
        room=room, number=number, author=author, text=text, html=html, kind=kind, at=now, language="en",
        **more
    )

first = entry(1, petra, "How do you cut them?")
second = entry(2, petra, "And when?")
withdrawn = entry(3, petra, "", withdrawn_at=now, withdrawn_by=petra)
entry(4, petra, kind="withdraw", about=withdrawn)
answer = entry(5, tamara, "@Petra In half.", re=first)
entry(6, petra, kind="react", about=answer)
messaging("Reaction").create(message=answer, user=petra, mark="thanks")
messaging("Mention").create(message=answer, user=petra, name="Petra", told_at=now)

def thread(author, title, **more):
    return community("Thread").create(
        space=space, author=author, title=title, language="en", last_number=more.pop("replies", 0), **more
    )

question = thread(
    petra, "How long is a lesson?", kind="question", audience="trainer", replies=2,
    text="*Mine* is short.", html="<p><em>Mine</em> is short.</p>",
)
community("Reply").create(
    thread=question, number=1, author=tamara, text="45", html="<p>45</p>", language="en"
)
last = community("Reply").create(
    thread=question, number=2, author=petra, text="Oh", html="<p>Oh</p>", language="en", tried=True,
    withdrawn_at=now,
)
question.answer_id, question.answered_at, question.answered_by = last.pk, now, petra
question.save()
copy = (
    "**Petra**, 19:29\\n\\n> How do you cut them?\\n>\\n> And when?\\n\\n"
    "**Tamara**, 19:30\\n\\n> @Petra In half."
)
kept = thread(
    tamara, "Cards", text=copy, html="<p>a copy</p>", kept_from=1, pinned_at=now, pinned_by=tamara
)
held = [first.pk, second.pk, answer.pk]
messaging("Entry").filter(pk__in=held).update(kept_path=f"/threads/{kept.pk}/")
thread(tamara, "Vágókártyák", text=copy + " And more.", html="<p>edited</p>", kept_from=3)
practice = dict(
    space=space, language="en", context="Grade 5", context_html="<p>Grade 5</p>", tried="Cards",
    tried_html="<p>Cards</p>", happened="It worked", happened_html="<p>It worked</p>",
)
built_on = community("Practice").create(author=petra, title="Cards", published_at=now, **practice)
community("Practice").create(
    author=tamara, title="Cards too", builds_on=built_on, published_at=now, **practice
)

messaging("MailChoice").create(user=petra, scope=f"space:{space.pk}", pace="now")
for key, kind, more in [
    ("code", "account-code", {}),
    ("invitation", "invitation", {"sent_at": now}),
    ("refused", "month-prompt", {"given_up_at": now, "last_error": "SMTPRecipientsRefused"}),
]:
    messaging("Mail").create(
        key=key, kind=kind, user=petra, address=petra.email, language="en", subject=key, text="Text", **more
    )
bell = messaging("Bell").create(user=petra, last_number=1)
told = messaging("Notification").create(
    user=petra, key="reply:1", kind="reply", thing_kind="thread", thing_id=question.pk, path="/threads/1/"
)
messaging("BellEntry").create(bell=bell, number=1, kind="new", notification=told)
messaging("Pulse").create(name="jobs", beat_at=now)

course = followup("Course").create(
    institute=institute, title="Course", slug="course", language="en", aim="Aim", audience="All"
)
followup("Module").create(course=course, position=1, title="Cards", hours="10.5")
today = now.date()
run = followup("Run").create(course=course, starts_on=today - 12 * day, ends_on=today - 11 * day)
followup("RunTrainer").create(run=run, user=tamara)
batch = followup("CompletionBatch").create(
    run=run, source="file", header=["email"], refused=[[2, "unknown", []]]
)
followup("Enrolment").create(run=run, user=petra, completed_on=today, completed_at=now, batch=batch)
month = followup("Month").create(
    space=space, course=course, opened_on=today - 10 * day, opened_by="import"
)
followup("MonthRun").create(month=month, run=run)
"""
COUNT = """
import json
from django.db import connection
with connection.cursor() as cursor:
    tables = [name for name in connection.introspection.table_names(cursor)
              if name.split("_")[0] in ("community", "followup", "messaging")]
    counts = {}
    for name in tables:
        cursor.execute(f"SELECT count(*) FROM {name}")
        counts[name] = cursor.fetchone()[0]
print(json.dumps(counts))
"""
READ = """
import json
from django.db.models import F
from common import html
from community.models import Audience, KeptMessage, Membership, Practice, Reply, Thread
from messaging.models import Entry, Mail, MailPreference, Notification, RoomMember

def rows(query, *names):
    return [list(row) for row in query.order_by("pk").values_list(*names)]

print(json.dumps({
    "in the space": rows(Membership.objects.filter(dismissed_at=None), "user__name"),
    "in the room": rows(
        RoomMember.objects.filter(dismissed_at=None), "user__name", "keeps_order", "read_number"
    ),
    "leavings": rows(Entry.objects.filter(kind="leave"), "number", "author__name", "room__last_number"),
    "messages": rows(Entry.objects.filter(kind="message"), "number", "text"),
    "threads": rows(Thread.objects.all(), "title", "text"),
    "answer": rows(Thread.objects.exclude(answer=None), "answer__text", "answered_by__name"),
    "without search text": [
        model.objects.filter(search_text="").count() for model in (Thread, Reply, Practice)
    ],
    "kept": rows(KeptMessage.objects.all(), "post_kind", "message__number"),
    "practices": rows(
        Practice.objects.all(), "title", "builds_on__title", "happened", "origin__title", "try_out_count"
    ),
    "audiences": [
        Audience.objects.filter(reach="space").count(), Audience.objects.exclude(reach="space").count()
    ],
    "preferences": rows(MailPreference.objects.all(), "user__name", "frequency"),
    "mails": rows(Mail.objects.all(), "key", "priority", "has_secret", "give_up_reason"),
    "not rendered anew": [row.pk for row in Thread.objects.all() if row.html != html.render(row.text)],
    "due news": Notification.objects.filter(mail_due_at=F("created_at")).count(),
}))
"""
PRIVATE = """
from community.models import *
from messaging.models import Room
petra = User.objects.create(name="Petra", email="petra@school.test")
institute = Institute.objects.create(name="Institute", slug="institute", country="HU")
space = Space.objects.create(
    kind="follow-up", institute=institute, room=Room.objects.create(), title="A month", language="en",
    time_zone="Europe/Budapest",
)
asked = dict(space=space, author=petra, kind="question", language="en")
Thread.objects.create(title="Private", audience="answerers", **asked)
Thread.objects.create(title="Public", audience="everyone", **asked)
for audience in ("answerers", "everyone"):
    place = f"/spaces/{space.pk}/ask/{audience}"
    Draft.objects.create(user=petra, place=place, fields={"audience": audience})
"""
MIGRATE_BACK = """
import json
from django.core.management import call_command
from django.db import connection
found = []
for name in ("0011", "0015"):
    call_command("migrate", "community", name, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audience FROM community_thread ORDER BY id")
        threads = [audience for (audience,) in cursor.fetchall()]
        cursor.execute("SELECT fields FROM community_draft ORDER BY id")
        drafts = [json.loads(fields)["audience"] for (fields,) in cursor.fetchall()]
    found.append([threads, drafts])
print(json.dumps(found))
"""
GONE = {"messaging_pulse", "messaging_mailchoice"}
"""Tables that were deleted or renamed."""
ADDED = {"messaging_entry": 1, "messaging_revocation": 1}
"""Rows that migrations add: the former coordinator leaves the room's log, and their sockets are revoked."""


def new_database(engine: str, name: str) -> dict[str, str]:
    """The environment of an empty database."""
    folder = temporary_folder(name)
    url = f"sqlite:///{folder / 'site.sqlite3'}"
    if engine == "postgres":
        url = postgres().make_database(folder.name.replace("-", "_"))
    return environment(folder, url)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_migrating_back_leaves_private_questions_private(database: str) -> None:
    site = Site(database)
    found = json.loads(site.manage("shell", "-v0", "-c", PRIVATE + MIGRATE_BACK))
    assert found == [[[private, "everyone"]] * 2 for private in ("trainer", "answerers")]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_database_of_the_release_before_keeps_its_rows(database: str) -> None:
    settings = new_database(database, "migrated")

    def run(program: str) -> str:
        return manage(settings, "shell", "-v0", "-c", program)

    before = json.loads(run(LAY + COUNT))
    manage(settings, "migrate", "-v0")
    after, found = map(json.loads, run(COUNT + READ).splitlines())

    lost = {
        table: (count, after.get(table))
        for table, count in before.items()
        if table not in GONE and after.get(table) != count + ADDED.get(table, 0)
    }
    assert not lost
    assert "agree" in manage(settings, "check_memberships")
    assert found["in the space"] == [["Petra"], ["Tamara"], ["Cora"], ["Aron"]]
    assert found["in the room"] == [
        ["Petra", False, 2],
        ["Tamara", True, 2],
        ["Cora", True, 2],
        ["Aron", False, 2],
    ]
    assert found["leavings"] == [[7, "Former", 7]]
    assert found["messages"] == [
        [1, "How do you cut them?"],
        [2, "And when?"],
        [3, ""],
        [5, "@Petra In half."],
    ]
    titles = [title for title, _text in found["threads"]]
    assert titles == ["How long is a lesson?", "Cards", "Vágókártyák"]
    assert found["threads"][0][1] == "*Mine* is short."
    assert found["threads"][1][1] == ""  # its messages are held by reference
    assert found["threads"][2][1].endswith("And more.")  # these are not found, so their copy stays
    assert found["kept"] == [["thread", 1], ["thread", 2], ["thread", 5]]
    assert found["answer"] == [["Oh", "Petra"]]
    assert found["without search text"] == [0, 0, 0]
    assert found["practices"] == [
        ["Cards", None, "It worked", None, 1],
        ["Cards too", "Cards", "It worked", "Cards", 0],
    ]
    assert found["audiences"] == [5, 0]
    assert found["preferences"] == [["Petra", "now"]]
    assert found["mails"] == [
        ["code", 0, True, ""],
        ["invitation", 2, True, ""],
        ["refused", 2, False, "refused"],
    ]
    assert found["not rendered anew"] == []
    assert found["due news"] == 1
