"""The values with which tests/test_statements.py calls every statement: by the name of the parameter.

Whoever adds a parameter with a new name adds here what it may be, and rows to the world that it selects.
"""

import datetime as dt
from typing import Any
from uuid import uuid4

from django.contrib.sessions.models import Session

from common import clock
from common.sessions import SessionStore
from community.institutes.models import Institute
from community.people.models import Draft, User
from community.posts.actions import withdraw
from community.posts.counting import Name
from community.posts.mark_actions import mark
from community.posts.models import PostMark
from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.reports.actions import report
from community.reports.things import find
from community.spaces.actions import dismiss_member
from community.spaces.models import Space
from community.threads import queries
from community.threads.actions import accept_answer
from community.threads.models import Reply, Thread
from followup.courses.models import CompletionBatch, Course, Enrolment, Run
from followup.desk.queries import MonthState
from followup.materials.models import Material
from followup.months.models import Extension, Month
from followup.steps.models import StepTold
from messaging.chat.actions import mark_read
from messaging.chat.models import Entry
from messaging.chat.reactions import react
from messaging.models import Room
from messaging.notifications.models import Mail, Notification
from tests import written
from tests.access.objects import live_hour_of
from tests.cast import ZONE, Cast, join, person

Values = dict[str, list[Any]]


def lay_everything(cast: Cast) -> None:
    """Rows of every sort, so that no statement finds nothing."""
    talk = written.start(cast.space, cast.participant)
    for author in (cast.trainer, cast.another_participant, cast.participant):
        written.reply_to(talk, author)
    withdraw(post=written.reply_to(talk, cast.trainer), by=cast.trainer)
    queries.mark_seen(talk, cast.participant, first=1, last=1)
    question = written.ask(cast.space, cast.participant)
    accept_answer(reply=written.reply_to(question, cast.trainer), by=cast.participant)
    written.ask(cast.space, cast.another_participant)
    written.ask_trainer(cast.space, cast.participant)
    withdraw(post=written.start(cast.space, cast.trainer), by=cast.trainer)
    for post in (talk, *talk.replies.filter(author=cast.participant)):
        mark(post=post, by=cast.trainer, mark="thanks", on=True)
    practice = written.publish(cast.space, cast.participant)
    mark(post=practice, by=cast.trainer, mark="idea", on=True)
    written.publish(cast.space, cast.another_participant, builds_on=practice)
    asked = written.comment_on(practice, cast.trainer, asks=True)
    written.comment_on(practice, cast.participant, answers=asked.number)
    withdraw(post=written.comment_on(practice, cast.trainer), by=cast.trainer)
    reported = find(cast.another_participant, "reply", written.reply_to(talk, cast.participant).pk)
    assert reported
    report(thing=reported, by=cast.another_participant, reason="other", text="", client_id=uuid4())
    written.say(cast.space, cast.participant)
    said = written.say(cast.space, cast.trainer)
    react(
        room=cast.space.room, number=said.number, by=cast.participant, mark="try", on=True, client_id=uuid4()
    )
    mark_read(room=cast.space.room, user=cast.trainer, number=said.number)
    live_hour_of(cast)
    Material.objects.create(run=cast.run, title="Work sheet", link="https://example.org/")
    gone = join(cast.space, person("Gone Again"))
    dismiss_member(space=cast.space, user=gone.user, by=cast.coordinator)
    SessionStore().create()
    _lay_what_waits(cast)


def _lay_what_waits(cast: Cast) -> None:
    """What Today lists."""
    Draft.objects.create(user=cast.participant, place="/spaces/1/threads/new/", fields={"title": "Half"})
    Draft.objects.create(
        user=cast.participant, place="/practices/new/", title="A practice", fields={"title": "x"}
    )
    StepTold.objects.create(
        month=cast.month, user=cast.participant, step="passed-on", sentence="To a colleague."
    )
    Extension.objects.create(
        month=cast.month,
        previous_closes_at=cast.space.closes_at,
        last_day=cast.space.last_day + dt.timedelta(days=30),
        reason="Exams",
        on_hand=Extension.OnHand.ASKED,
        extended_by=cast.coordinator,
    )
    unattended = Space.objects.create(
        kind="follow-up",
        institute=cast.institute,
        title="Ends soon",
        language="en",
        opened_at=cast.space.opened_at,
        closes_at=clock.now() + dt.timedelta(days=3),
        time_zone=ZONE,
        room=Room.objects.create(),
    )
    Month.objects.create(
        space=unattended, course=cast.course, opened_on=cast.month.opened_on, opened_by=Month.OpenedBy.DATE
    )
    invited = person("Ida Invited")
    User.objects.filter(pk=invited.pk).update(joined_at=None)
    Enrolment.objects.create(run=cast.run, user=invited)
    today = clock.today(ZONE)
    for days in (-1, 3):
        last = today + dt.timedelta(days=days)
        Run.objects.create(course=cast.course, starts_on=last, ends_on=last)
    CompletionBatch.objects.create(
        run=cast.run,
        source=CompletionBatch.Source.FILE,
        started_at=clock.now(),
        applied_at=clock.now(),
        refused=[{"line": 2, "reason": "no-address", "about": "", "cells": []}],
    )
    Mail.objects.create(
        key="invitation", kind="invitation", address=invited.email, language="en", given_up_at=clock.now()
    )


def values_of(cast: Cast) -> Values:
    """What each parameter may be, by its name."""
    people = [cast.participant, cast.trainer, cast.coordinator, cast.evaluator, cast.awaiting, cast.stranger]
    now = clock.now()
    spaces = list(Space.objects.values_list("pk", flat=True))
    messages = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    threads = list(Thread.objects.order_by("pk").values_list("pk", flat=True))
    return {
        "user": people,
        "person": [person.pk for person in people],
        "session": list(Session.objects.values_list("pk", flat=True)),
        "member": [person.pk for person in people],
        "reader": people,
        "author": [user.pk for user in people],
        "space": spaces,
        "spaces": [spaces, []],
        "institute": list(Institute.objects.values_list("pk", flat=True)),
        "institutes": [list(Institute.objects.values_list("pk", flat=True)), []],
        "roles": [["coordinator", "evaluator"], []],
        "steps": [["tried", "passed-on"]],
        "runs": [list(Run.objects.values_list("pk", flat=True)), []],
        "month": list(Month.objects.values_list("pk", flat=True)),
        "practice": list(Practice.objects.order_by("pk").values_list("pk", flat=True)),
        "comments": [list(Comment.objects.values_list("pk", flat=True)), []],
        "practices": [list(Practice.objects.values_list("pk", flat=True)), []],
        "kind": ["thread", "practice", "space", "live hour"],
        "post_kind": ["thread", "reply", "practice", "comment"],
        "post": sorted(set(PostMark.objects.values_list("post_id", flat=True))),
        "things": [list(Notification.objects.values_list("thing_id", flat=True)), []],
        "thread": threads,
        "news": [list(Notification.objects.values_list("pk", flat=True)), []],
        "threads": [threads, threads[:1]],
        "reply": list(Reply.objects.values_list("pk", flat=True)),
        "replies": [list(Reply.objects.values_list("pk", flat=True)), []],
        "users": [[user.pk for user in people]],
        "trained": [spaces, []],
        "taking_part": [spaces, []],
        "months": [list(Month.objects.values_list("pk", flat=True))],
        "today": [clock.today(ZONE)],
        "yesterday": [clock.today(ZONE) - dt.timedelta(days=1)],
        "tomorrow": [clock.today(ZONE) + dt.timedelta(days=1)],
        "soon_yesterday": [clock.today(ZONE) + dt.timedelta(days=6)],
        "soon_today": [clock.today(ZONE) + dt.timedelta(days=7)],
        "soon_tomorrow": [clock.today(ZONE) + dt.timedelta(days=8)],
        "behind": [[], [ZONE]],
        "ahead": [[], [ZONE]],
        "courses": [list(Course.objects.values_list("pk", flat=True)), []],
        "subjects": [["", "maths"]],
        "phases": [["", "primary"]],
        "first": [1, 2],
        "last": [30],
        "current": [0, *spaces],
        "rooms": [list(Space.objects.values_list("room", flat=True))],
        "since": [now - dt.timedelta(days=30), now],
        "before": [now + dt.timedelta(minutes=1), now],
        "room": [cast.space.room_id],
        "number": [1, 2**62],
        "after": [0, 1],
        "messages": [messages, []],
        "client_id": list(Reply.objects.values_list("client_id", flat=True)[:3]),
        "place": ["/spaces/1/threads/new/", "/"],
        "key": list(Notification.objects.values_list("key", flat=True)[:3]),
    }


SHAPES: Values = {
    "kind": ["follow-up"],
    "limit": [1, 50],
    "names": [(Name.SHARED, Name.TRIED)],
    "nearest": [1, 20],
    "sources": [("posts",)],
    "talk": list(MonthState),
    "of": ["pk", "month"],
}
"""Values of keyword-only parameters whose annotation does not say which there are (bool and Literal do)."""
