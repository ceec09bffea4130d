"""A person who has left something in every table, and the places in which it could be found again."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common import clock
from community.institutes.models import Staff
from community.people import drafts
from community.people.models import Invitation, User
from community.people.picture_actions import choose_picture
from community.posts.actions import withdraw
from community.posts.mark_actions import mark
from community.practices.comment_models import Comment
from community.practices.queries import mark_seen as mark_practice_seen
from community.reports.models import Report
from community.threads.actions import pin
from community.threads.models import Reply, Thread, ThreadVisit
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch, Course, Enrolment, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.live_hours.models import LiveHour
from followup.materials.models import Material
from followup.months.models import Extension, Month
from followup.steps.models import StepTold
from messaging.chat import actions as chat
from messaging.chat.models import Reaction
from messaging.files import upload_actions
from messaging.files.actions import receive, store_upload
from messaging.files.models import Upload
from messaging.notifications import bell
from messaging.notifications.models import Following, Mail, MailPreference
from tests import written
from tests.cast import Cast, join, person
from tests.community.erasure.traces import ADDRESS, NAME, PRIVATE, PUBLIC
from tests.messaging.files.made import picture


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def record_file(settings, tmp_path: Path) -> Path:
    """The record of erased accounts of this test."""
    settings.ERASED_FILE = tmp_path / "erased.jsonl"
    return settings.ERASED_FILE


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path: Path) -> Path:
    """The uploads of this test."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def zsofia(cast: Cast, as_: Callable[..., Client]) -> User:
    """A person who has left something everywhere."""
    user = person("Zsófia")
    User.objects.filter(pk=user.pk).update(
        name=NAME, preferred_name=NAME, email=ADDRESS, last_login=clock.now()
    )
    EmailAddress.objects.filter(user=user).update(email=ADDRESS)
    user = User.objects.get(pk=user.pk)
    as_(user)
    _place(cast, user)
    _write(cast, user)
    _talk(cast, user)
    _organize(cast, user)
    _be_told(cast, user)
    return user


def _place(cast: Cast, user: User) -> None:
    Staff.objects.create(institute=cast.institute, user=user, role=Staff.Role.COORDINATOR)
    RunTrainer.objects.create(run=cast.run, user=user)
    membership = join(cast.space, user, role=SpaceRole.TRAINER)
    membership.admitted_by = membership.dismissed_by = user
    membership.save()
    Enrolment.objects.create(
        run=cast.run,
        user=user,
        completed_on=cast.run.ends_on,
        completed_at=clock.now(),
        completed_by=user,
    )
    user.groups.add(Group.objects.create(name="A group"))
    user.user_permissions.add(Permission.objects.first())
    visitor = SessionStore()
    visitor["account_login"] = {"email": ADDRESS}
    visitor.create()


def _report(cast: Cast, user: User) -> None:
    for columns in (
        {"by": user, "text": PRIVATE},
        {"author": user, "by": cast.trainer},
        {"decided_by": user, "decided_at": clock.now(), "decision": "shown", "sentence": PRIVATE},
    ):
        Report.objects.create(
            space=cast.space, thing_kind="thread", thing_id=2**40, reason="other", **columns
        )


def _write(cast: Cast, user: User) -> None:
    space = cast.space
    _report(cast, user)
    thread = written.start(space, user, title=f"{PUBLIC} title", text=PUBLIC)
    written.reply_to(thread, cast.participant, "I liked it")
    written.reply_to(thread, cast.another_participant, "So did I")
    theirs = written.ask(space, cast.participant)
    mark(post=theirs, by=user, mark="thanks", on=True)
    written.reply_to(theirs, cast.participant, f"Thank you @{NAME}!")
    reply = written.reply_to(theirs, user, PUBLIC, tried=True)
    Thread.objects.filter(pk=theirs.pk).update(answer=reply, answered_by=user, answered_at=clock.now())
    pin(thread=theirs, by=user)
    withdraw(post=written.start(space, user, title=PRIVATE, text=PRIVATE), by=user)
    withdraw(post=written.reply_to(theirs, user, PRIVATE), by=user)
    taken_down = written.reply_to(theirs, cast.participant, "Never mind")
    Reply.objects.filter(pk=taken_down.pk).update(withdrawn_at=clock.now(), withdrawn_by=user)
    ThreadVisit.objects.update_or_create(thread=theirs, user=user, defaults={"number": 1})
    private = written.ask_trainer(space, cast.participant)
    Thread.objects.filter(pk=private.pk).update(author=user)
    private.refresh_from_db()
    private.title = private.text = PRIVATE
    private.save()
    practice = written.publish(space, user, title=f"{PUBLIC} practice", tried=PUBLIC)
    written.publish(space, cast.participant, builds_on=practice, title="")
    discussed = written.publish(space, user, title=PRIVATE, tried=PRIVATE, materials=PRIVATE)
    written.comment_on(discussed, cast.participant)
    written.comment_on(discussed, cast.another_participant)
    withdraw(post=discussed, by=user)
    mark_practice_seen(practice, user)
    asked = written.comment_on(written.publish(space, cast.participant), user, PUBLIC, asks=True)
    written.comment_on(asked.practice, cast.participant, "An hour", answers=asked.number)
    Comment.objects.filter(pk=asked.pk).update(answered_by=user)
    withdraw(post=written.comment_on(asked.practice, user, PRIVATE), by=user)
    taken_down_too = written.comment_on(asked.practice, cast.participant, "Never mind")
    Comment.objects.filter(pk=taken_down_too.pk).update(withdrawn_at=clock.now(), withdrawn_by=user)
    shown = SimpleUploadedFile(f"{NAME}.png", picture(size=(60, 40)))
    choose_picture(user=user, file=receive(upload=shown, by=user, shape="portrait"))
    drafts.save(user=user, path="/spaces/1/", title=PRIVATE, fields={"text": PRIVATE})


def _talk(cast: Cast, user: User) -> None:
    room = cast.space.room
    written.say(cast.space, user, PRIVATE)
    other = written.say(cast.space, cast.participant, f"Thank you @{NAME}!")
    Reaction.objects.create(message=other, user=user, mark=Reaction.Mark.THANKS)
    taken_down = written.say(cast.space, cast.participant, "Oh no")
    chat.withdraw_message(room=room, number=taken_down.number, by=user)


def _organize(cast: Cast, user: User) -> None:
    now = clock.now()
    list_with_her = f"name,email\n{NAME},{ADDRESS}\n"
    CompletionBatch.objects.create(
        run=cast.run, source="file", made_by=user, content=list_with_her, header=["name", "email"]
    )
    applied = CompletionBatch.objects.create(
        run=cast.run,
        source="file",
        undone_by=user,
        undone_at=now,
        started_at=now,
        applied_at=now,
        header=["name", "email"],
        refused=[
            {"line": 2, "reason": "no-address", "about": "", "cells": [NAME, "no address"]},
            {"line": 3, "reason": "other", "about": "", "cells": ["O'Kvassay", "Zsófia", ""]},
            {"line": 4, "reason": "other", "about": "", "cells": ["Somebody", ADDRESS.upper()]},
            {"line": 5, "reason": "other", "about": "", "cells": ["Somebody else", ""]},
        ],
    )
    CompletionEntry.objects.create(batch=applied, user=user)
    Course.objects.filter(pk=cast.course.pk).update(published_by=user)
    Run.objects.filter(pk=cast.run.pk).update(completed_by=user)
    Month.objects.filter(pk=cast.month.pk).update(opener=user)
    Extension.objects.create(
        month=cast.month,
        previous_closes_at=now,
        last_day=cast.space.last_day,
        reason="More time",
        extended_by=user,
        answered_by=user,
    )
    LiveHour.objects.create(
        month=cast.month,
        title="Questions",
        starts_at=now + dt.timedelta(days=1),
        ends_at=now + dt.timedelta(days=1, hours=1),
        announced_by=user,
        cancelled_by=user,
        cancelled_at=now,
    )
    StepTold.objects.create(month=cast.month, user=user, step="tried", sentence=PRIVATE)
    Material.objects.create(run=cast.run, title="Kept", link="https://school.test/", added_by=user)
    removed = Material.objects.create(
        run=cast.run, title=PRIVATE, added_by=user, removed_by=user, removed_at=now
    )
    kept = Material.objects.create(run=cast.run, title="A sheet", added_by=user)
    for material, name in ((removed, f"{PRIVATE}.pdf"), (kept, "sheet.pdf")):
        content = f"%PDF-1.7 {PRIVATE if material == removed else ''}".encode()
        store_upload(kind="material", thing_id=material.pk, upload=SimpleUploadedFile(name, content), by=user)
    private = PRIVATE.encode()
    receive(upload=SimpleUploadedFile(f"{PRIVATE}.txt", private), by=user)
    on_its_way = upload_actions.begin(by=user, client_id=uuid.uuid4(), name=f"{PRIVATE}.txt", size=1000)
    assert isinstance(on_its_way, Upload)
    upload_actions.add_piece(upload=on_its_way, offset=0, body=io.BytesIO(private))


def _be_told(cast: Cast, user: User) -> None:
    now = clock.now()
    guest = User.objects.create_user("Nora New", "nora@school.test")
    expiry = Invitation.expiry()
    Invitation.objects.create(user=guest, address=guest.email, invited_by=user, expires_at=expiry)
    Invitation.objects.create(user=user, address=ADDRESS, expires_at=expiry, accepted_at=now)
    Following.objects.create(user=user, thing_kind="thread", thing_id=1, choice="muted")
    MailPreference.objects.create(user=user, scope=cast.space.scope, frequency="now")
    usual = {"kind": "news", "language": "en", "subject": "Hello"}
    about = f"Zsófia O&#x27;Kvassay, {NAME} replied."
    for number, (whose, address, more) in enumerate(
        [
            (user, ADDRESS, {"text": PRIVATE}),
            (None, ADDRESS, {"text": "Nobody here has this address."}),
            (cast.participant, cast.participant.email, {"text": about, "html": about, "sent_at": now}),
            (cast.trainer, cast.trainer.email, {"text": about, "html": about, "subject": NAME}),
        ]
    ):
        Mail.objects.create(key=f"mail {number}", user=whose, address=address, **(usual | more))
    thing = ("space", cast.space.pk)
    bell.notify(
        user=user, key="a", kind="closed", thing=thing, scope="", path="/", context={"title": PRIVATE}
    )
    bell.notify(
        user=cast.participant, key="b", kind="closed", thing=thing, scope="", path="/", context={}, by=user
    )
    people = ContentType.objects.get_for_model(User)
    message = '[{"added": {"name": "staff", "object": "Zs\\u00f3fia O\'Kvassay, office"}}]'
    for one in (
        {"user": user, "object_id": "1", "object_repr": "An institute", "change_message": message},
        {"user": cast.coordinator, "object_id": str(user.pk), "object_repr": NAME, "change_message": "[]"},
    ):
        LogEntry.objects.create(action_flag=CHANGE, content_type=people, **one)
