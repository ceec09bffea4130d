"""Objects that rows of the access table use in their URLs and forms."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from common import clock, undo
from community.people import invitations
from community.people.models import User
from community.people.picture_actions import PICTURE
from community.posts import actions as posts
from community.practices.comment_models import Comment
from community.reports.actions import report
from community.reports.things import find
from community.threads.actions import accept_answer
from community.threads.models import Reply
from followup.completions import actions as completions
from followup.courses.models import Course, RunTrainer
from followup.courses.run_actions import add_trainer
from followup.live_hours.models import LiveHour
from followup.materials.models import Material
from followup.months import actions as months
from messaging.chat import actions as chat
from messaging.chat.models import Entry
from messaging.files.actions import receive, store_upload
from messaging.files.models import File, Upload
from messaging.notifications import mail_preferences
from messaging.notifications.models import Mail
from tests import written
from tests.cast import Cast, person


def mail_to(cast: Cast) -> Mail:
    """A mail to the participant in the outbox."""
    return Mail.objects.get_or_create(
        key="a mail of the table",
        defaults={
            "kind": "table",
            "user": cast.participant,
            "address": cast.participant.email,
            "language": "en",
            "subject": "A mail",
            "text": "Good day!",
            "html": "<p>Good day!</p>",
        },
    )[0]


def invitation_link(cast: Cast) -> str:
    """The last part of the link in an invitation of a new user."""
    guest, _new = User.objects.get_or_create(email="new@school.test", defaults={"name": "Nora New"})
    invitation = invitations.invite(
        user=guest, address=guest.email, occasion="a month", next_path="/", by=cast.coordinator
    )
    return invitations.link_to(invitation).rstrip("/").rpartition("/")[2]


def stop_link_of(cast: Cast) -> str:
    """The last part of the link that stops the participant's mails about the space."""
    return (
        mail_preferences.unsubscribe_link(cast.participant.pk, cast.space.scope)
        .rstrip("/")
        .rpartition("/")[2]
    )


def mute_link_of(cast: Cast) -> str:
    """The last part of the link that mutes a conversation for the participant."""
    thread = written.start(cast.space, cast.participant)
    link = mail_preferences.unsubscribe_link(cast.participant.pk, f"thread:{thread.pk}")
    return link.rstrip("/").rpartition("/")[2]


def message_of(cast: Cast) -> Entry:
    """A message of the participant in the room."""
    return chat.post_message(
        room=cast.space.room, author=cast.participant, text="It worked", client_id=uuid.uuid4()
    )


def withdrawn_message_of(cast: Cast) -> Entry:
    """A withdrawn message of the participant in the room."""
    message = message_of(cast)
    chat.withdraw_message(room=cast.space.room, number=message.number, by=cast.participant)
    return message


def report_of(cast: Cast) -> int:
    """A report of another participant that hid a conversation of the participant."""
    thread = find(cast.another_participant, "thread", written.start(cast.space, cast.participant).pk)
    assert thread
    reporter = cast.another_participant
    return report(thing=thread, by=reporter, reason="pupil", text="", client_id=uuid.uuid4()).pk


class CompletionList:
    """A file to upload; every client reads it from its beginning."""

    name = "list.csv"

    def read(self, *_size: int) -> bytes:
        return b"email,name\nnora.new@school.test,Nora New\nnowhere,Somebody\n"


def batch_of(cast: Cast, applied: bool = False) -> int:
    """A completion list of the coordinator, previewed or applied."""
    batch = completions.upload(
        run=cast.run, by=cast.coordinator, raw=CompletionList().read(), file_name="list.csv", source="file"
    )
    return completions.apply(batch=batch, by=cast.coordinator).pk if applied else batch.pk


def hidden_course_of(cast: Cast) -> str:
    """A course that is not public, of the same institute."""
    course = Course.objects.create(institute=cast.institute, title="Hidden", slug="hidden", language="en")
    return course.slug


def answer_of(cast: Cast, accepted: bool = False) -> Reply:
    """The trainer's reply to a question of the participant."""
    reply = written.reply_to(written.ask(cast.space, cast.participant), cast.trainer)
    if accepted:
        accept_answer(reply=reply, by=cast.participant)
    return reply


def second_trainer_of(cast: Cast) -> int:
    """The id of a trainer who is not the only one."""
    return RunTrainer.objects.create(run=cast.run, user=person("Tibor Trainer")).user_id


def withdrawn_thread_of(cast: Cast) -> int:
    """A withdrawn conversation of the participant."""
    thread = written.start(cast.space, cast.participant)
    posts.withdraw(post=thread, by=cast.participant)
    return thread.pk


def withdrawn_answer_of(cast: Cast) -> int:
    """A withdrawn reply of the trainer."""
    reply = answer_of(cast)
    posts.withdraw(post=reply, by=cast.trainer)
    return reply.pk


def withdrawn_practice_of(cast: Cast) -> int:
    """A withdrawn practice of the participant."""
    practice = written.publish(cast.space, cast.participant)
    posts.withdraw(post=practice, by=cast.participant)
    return practice.pk


def comment_of(cast: Cast) -> Comment:
    """The participant's question about a practice of another."""
    practice = written.publish(cast.space, cast.another_participant)
    return written.comment_on(practice, cast.participant, asks=True)


def withdrawn_comment_of(cast: Cast) -> int:
    """The same, withdrawn."""
    comment = comment_of(cast)
    posts.withdraw(post=comment, by=cast.participant)
    return comment.pk


def answering_comment_of(cast: Cast) -> int:
    """What the trainer wrote for that question."""
    question = comment_of(cast)
    return written.comment_on(question.practice, cast.trainer, answers=question.number).pk


def file_of(cast: Cast) -> int:
    """A file among the materials of the group."""
    material = Material.objects.create(run=cast.run, title="A work sheet")
    upload = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7 a sheet")
    return store_upload(kind="material", thing_id=material.pk, upload=upload, by=cast.trainer).pk


def waiting_file_of(cast: Cast) -> int:
    """A file of the trainer that is attached to nothing."""
    return File.objects.create(
        name="sheet.pdf",
        content_type="application/pdf",
        size=3,
        uploaded_by=cast.trainer,
        blob=_stored("waits"),
    ).pk


def picture_of(cast: Cast) -> int:
    """A picture among the materials of the group."""
    material = Material.objects.create(run=cast.run, title="A picture")
    file = File.objects.create(
        kind="material",
        thing_id=material.pk,
        name="board.jpg",
        content_type="image/jpeg",
        size=3,
        width=4,
        height=3,
        blob=_stored("picture"),
    )
    _stored("picture-small.webp")
    return file.pk


def _stored(name: str) -> str:
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(b"abc"))


def upload_of(cast: Cast) -> str:
    """The key of an upload of the participant that is on its way."""
    upload = Upload.objects.create(
        client_id=uuid.uuid4(), uploaded_by=cast.participant, name="sheet.pdf", size=10
    )
    return upload.key.hex


def portrait_of(cast: Cast) -> int:
    """The picture of the participant."""
    user = cast.participant
    file = File.objects.create(
        kind=PICTURE,
        thing_id=user.pk,
        name="me.jpg",
        content_type="image/jpeg",
        size=4,
        width=480,
        height=480,
        uploaded_by=user,
        blob=_stored("portrait"),
    )
    _stored("portrait-small.webp")
    User.objects.filter(pk=user.pk).update(picture=file.pk)
    return file.pk


def file_of_message_of(cast: Cast) -> int:
    """A file in the room, sent by the participant."""
    upload = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7 a sheet")
    file = receive(upload=upload, by=cast.participant)
    room, sent = cast.space.room, uuid.uuid4()
    chat.post_message(room=room, author=cast.participant, text="", files=[file.key], client_id=sent)
    return file.pk


def invited_trainer_of(cast: Cast) -> int:
    """A trainer of the group who was invited and has not joined."""
    added = add_trainer(run=cast.run, by=cast.coordinator, name="Nora New", address="nora@school.test")
    return added[0].user_id


def later_day(cast: Cast) -> str:
    """A last day a week later than the month has."""
    return (cast.space.last_day + dt.timedelta(days=7)).isoformat()


def extension_of(cast: Cast) -> int:
    """A longer month, whose trainer has been asked to stay."""
    day = dt.date.fromisoformat(later_day(cast))
    return months.extend(month=cast.month, last_day=day, reason="More", stays=True, by=cast.coordinator).pk


def live_hour_of(cast: Cast) -> int:
    """A live hour of tomorrow, announced by the trainer."""
    starts_at = clock.now() + dt.timedelta(days=1)
    ends_at = starts_at + dt.timedelta(hours=1)
    made = LiveHour.objects.create(
        month=cast.month,
        title="Exit tickets",
        starts_at=starts_at,
        ends_at=ends_at,
        announced_by=cast.trainer,
    )
    return made.pk


POST_KINDS = ("thread", "reply", "practice", "comment", "space")
"""Kinds of posts, and what is none."""
OBJECTS: dict[str, Callable[[Cast], Any]] = {
    "space": lambda cast: cast.space.pk,
    "month": lambda cast: cast.month.pk,
    "first_day": lambda cast: cast.month.opened_on.isoformat(),
    "day_before": lambda cast: (cast.month.opened_on - dt.timedelta(days=1)).isoformat(),
    "participant": lambda cast: cast.participant.pk,
    "stranger": lambda cast: cast.stranger.pk,
    "run": lambda cast: cast.run.pk,
    "course": lambda cast: cast.course.pk,
    "course_slug": lambda cast: cast.course.slug,
    "institute_slug": lambda cast: cast.institute.slug,
    "institute": lambda cast: cast.institute.pk,
    "staff": lambda cast: cast.institute.staff.get(user=cast.evaluator).pk,
    "staff_note": lambda cast: undo.create_token(
        "staff", cast.institute, user_id=cast.stranger.pk, role="office"
    ),
    "hidden_course": hidden_course_of,
    "trainer_of_run": second_trainer_of,
    "invited_trainer": invited_trainer_of,
    "trainer_note": lambda cast: undo.create_token("trainer", cast.run, user_id=cast.stranger.pk),
    "enrolment": lambda cast: cast.run.enrolments.get(user=cast.awaiting).pk,
    "enrolment_note": lambda cast: undo.create_token("enrolment", cast.run, user_id=cast.stranger.pk),
    "last_day_of_run": lambda cast: cast.run.ends_on.isoformat(),
    "material_of_run": lambda cast: (
        Material.objects.create(run=cast.run, title="A page", link="https://school.test/").pk
    ),
    "file": file_of,
    "file_name": lambda cast: "sheet.pdf",
    "waiting_file": waiting_file_of,
    "picture": picture_of,
    "portrait": portrait_of,
    "picture_size": lambda cast: "small.webp",
    "upload": upload_of,
    "client_id": lambda cast: uuid.uuid4(),
    "later_day": later_day,
    "extension": extension_of,
    "live_hour": live_hour_of,
    "next_week": lambda cast: (clock.today("Europe/Budapest") + dt.timedelta(days=7)).isoformat(),
    "completion_list": lambda cast: CompletionList(),
    "batch": batch_of,
    "applied_batch": lambda cast: batch_of(cast, applied=True),
    "invitation_link": invitation_link,
    "member": lambda cast: cast.space.memberships.get(user=cast.another_participant).pk,
    "thread": lambda cast: written.start(cast.space, cast.participant).pk,
    "trainer_only_question": lambda cast: written.ask_trainer(cast.space, cast.participant).pk,
    "withdrawn_thread": withdrawn_thread_of,
    "question": lambda cast: answer_of(cast, accepted=True).thread_id,
    "answer": lambda cast: answer_of(cast).pk,
    "withdrawn_answer": withdrawn_answer_of,
    **{f"{kind}_kind": (lambda _cast, kind=kind: kind) for kind in POST_KINDS},
    "practice": lambda cast: written.publish(cast.space, cast.participant).pk,
    "withdrawn_practice": withdrawn_practice_of,
    "comment": lambda cast: comment_of(cast).pk,
    "withdrawn_comment": withdrawn_comment_of,
    "answering_comment": answering_comment_of,
    "news": lambda cast: cast.participant.notifications.get(key=f"reply:{answer_of(cast).pk}").pk,
    "word": lambda cast: "1-abcdef",
    "thread_kind": lambda cast: "thread",
    "report": lambda cast: report_of(cast),
    "message": lambda cast: message_of(cast).number,
    "file_of_message": file_of_message_of,
    "withdrawn_message": lambda cast: withdrawn_message_of(cast).number,
    "mail": lambda cast: mail_to(cast).pk,
    "stop_link": stop_link_of,
    "mute_link": mute_link_of,
}
"""A row's argument is `pk:space` (URL keyword and object); a value of its data is `=space`."""
