"""Mentioned members are notified once, whatever process is killed, and only of what they may read."""

import threading
import uuid

import pytest
from django.db import connection

from common import clock
from community.rooms.news import MentionNews
from community.spaces import actions as spaces
from messaging.chat import actions, history, mentions
from messaging.chat.models import Mention
from messaging.jobs import due, loop
from messaging.notifications import bell
from messaging.notifications.models import Notification
from messaging.notifications.queries import items_of, with_text
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def room(space):
    return space.room


@pytest.fixture
def post(room, django_capture_on_commit_callbacks):
    def one(author, text):
        with django_capture_on_commit_callbacks(execute=True):
            return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4())

    return one


def test_a_mention_notifies_with_the_path_of_the_message(space, post, participant, trainer):
    message = post(participant, f"@{trainer.name} would you look?")
    news = Notification.objects.get()
    assert (news.user, news.by, news.kind) == (trainer, participant, "mention")
    assert news.path == f"/spaces/{space.pk}/room/?at={message.number}#message-{message.number}"
    assert "look" not in str(news.context)
    assert bell.unseen_count(trainer) == 1
    (line,) = with_text(trainer, items_of(trainer))
    assert line.text == f"{participant.name} mentioned you in the chat of “{space.title}”"


def test_the_serialized_message_has_the_ids_of_those_mentioned(room, post, participant, trainer):
    post(participant, f"@{trainer.name} and @{participant.name}")
    assert history.RoomLog().after(room.pk, 0, 9)[0]["m"]["to"] == [trainer.pk]


def test_only_members_of_the_room_can_be_mentioned(post, participant, stranger):
    post(participant, f"@{stranger.name}")
    assert not Mention.objects.exists()


def test_the_sweep_notifies_what_a_killed_process_did_not(room, participant, trainer):
    actions.post_message(room=room, author=participant, text=f"@{trainer.name}", client_id=uuid.uuid4())
    assert not Notification.objects.exists()
    assert Mention.objects.get().told_at is None
    assert "mentions" in loop.registered()
    for _round in range(2):
        mentions.notify_due()
    assert Notification.objects.count() == 1
    assert Mention.objects.get().told_at


def test_a_failing_mention_delays_no_other_and_is_retried_later(room, participant, trainer, monkeypatch):
    for text in ("first", "second"):
        text = f"@{trainer.name} {text}"
        actions.post_message(room=room, author=participant, text=text, client_id=uuid.uuid4())
    (notifier,) = mentions._notifiers

    class Failing(MentionNews):
        def notify(self, message, users):
            if message.number == 1:
                raise RuntimeError
            notifier.notify(message, users)

    monkeypatch.setattr(mentions, "_notifiers", [Failing()])
    assert mentions.notify_due() == 1
    monkeypatch.setattr(mentions, "_notifiers", [notifier])
    assert mentions.notify_due() == 0
    with clock.at(clock.now() + due.RETRY_DELAYS[0]):
        assert mentions.notify_due() == 1
    assert Notification.objects.count() == 2


def test_reading_the_message_in_the_room_clears_the_bell(room, post, participant, trainer):
    message = post(participant, f"@{trainer.name}")
    actions.mark_read(room=room, user=trainer, number=message.number - 1)
    assert bell.unseen_count(trainer) == 1
    actions.mark_read(room=room, user=trainer, number=message.number)
    assert bell.unseen_count(trainer) == 0


def test_a_message_read_before_the_notification_is_not_notified(room, participant, trainer):
    message = actions.post_message(
        room=room, author=participant, text=f"@{trainer.name}", client_id=uuid.uuid4()
    )
    actions.mark_read(room=room, user=trainer, number=message.number)
    mentions.notify_due()
    assert not Notification.objects.exists()
    assert Mention.objects.get().told_at


def test_a_withdrawn_message_is_not_unseen_until_it_is_restored(room, post, participant, trainer):
    message = post(participant, f"@{trainer.name}")
    actions.withdraw_message(room=room, number=message.number, by=participant)
    assert bell.unseen_count(trainer) == 0
    actions.restore_message(room=room, number=message.number, by=participant)
    assert bell.unseen_count(trainer) == 1


def test_editing_a_message_notifies_new_mentions_and_removes_dropped_ones(
    room, post, participant, another_participant, trainer, django_capture_on_commit_callbacks
):
    message = post(participant, f"@{trainer.name}")
    with django_capture_on_commit_callbacks(execute=True):
        actions.edit_message(
            room=room,
            number=message.number,
            by=participant,
            text=f"@{another_participant.name}",
            client_id=uuid.uuid4(),
        )
    assert bell.unseen_count(trainer) == 0
    assert bell.unseen_count(another_participant) == 1


def test_a_dismissed_member_has_no_unseen_mention(space, post, participant, another_participant, coordinator):
    post(participant, f"@{another_participant.name}")
    assert bell.unseen_count(another_participant) == 1
    spaces.dismiss(space=space, user=another_participant, by=coordinator)
    assert bell.unseen_count(another_participant) == 0


def test_messages_without_an_at_sign_take_no_query_and_all_others_two(
    room, participant, trainer, django_assert_num_queries
):
    message = [
        actions.post_message(room=room, author=participant, text=text, client_id=uuid.uuid4())
        for text in ("plain", "a@b", f"@{trainer.name}", f"@{trainer.name} again")
    ]
    with django_assert_num_queries(0):
        mentions.record(message[:1])
    Mention.objects.all().delete()
    with django_assert_num_queries(2):
        mentions.record(message)


@pytest.mark.django_db(transaction=True)
def test_notifying_in_the_background_runs_in_another_thread(space, participant, trainer):
    notified_by = []
    (notifier,) = mentions._notifiers

    class Watched(MentionNews):
        def notify(self, message, users):
            notified_by.append(threading.current_thread().name)
            notifier.notify(message, users)

    def write():
        mentions.notify_in_background()
        text = f"@{trainer.name}"
        actions.post_message(room=space.room, author=participant, text=text, client_id=uuid.uuid4())
        connection.close()

    mentions._notifiers[:] = [Watched()]
    try:
        writing = threading.Thread(target=write)
        writing.start()
        writing.join()
        mentions._pool.submit(lambda: None).result(timeout=PATIENCE_SECONDS)
    finally:
        mentions._notifiers[:] = [notifier]
    assert [name.split("_")[0] for name in notified_by] == ["mentions"]
    assert Notification.objects.get().user == trainer
