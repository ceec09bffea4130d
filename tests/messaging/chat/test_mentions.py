"""Who is named in a message hears of it once, whatever process is killed, and only what they may read."""

import threading
import uuid

import pytest
from django.db import connection

from community.rooms.news import MentionNews
from community.spaces import actions as spaces
from messaging.chat import actions, history, mentions
from messaging.chat.models import Mention
from messaging.jobs import loop
from messaging.notifications import bell
from messaging.notifications.models import Notification
from messaging.notifications.queries import lines_of, with_text


@pytest.fixture
def room(space):
    return space.room


@pytest.fixture
def say(room, django_capture_on_commit_callbacks):
    def one(author, text):
        with django_capture_on_commit_callbacks(execute=True):
            return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4())

    return one


def test_who_is_mentioned_is_told_with_the_place_of_the_message(space, say, participant, trainer):
    said = say(participant, f"@{trainer.name} would you look?")
    news = Notification.objects.get()
    assert (news.user, news.by, news.kind) == (trainer, participant, "mention")
    assert news.path == f"/spaces/{space.pk}/room/?at={said.number}#message-{said.number}"
    assert "look" not in str(news.context)
    assert bell.unseen_count(trainer) == 1
    (line,) = with_text(trainer, lines_of(trainer))
    assert line.text == f"{participant.name} mentioned you in the room of “{space.title}”"


def test_the_message_says_whom_it_mentions(room, say, participant, trainer):
    say(participant, f"@{trainer.name} and @{participant.name}")
    assert history.RoomLog().after(room.pk, 0, 9)[0]["m"]["to"] == [trainer.pk]


def test_nobody_outside_the_room_is_mentioned(say, participant, stranger):
    say(participant, f"@{stranger.name}")
    assert not Mention.objects.exists()


def test_what_a_killed_process_did_not_tell_the_next_round_of_jobs_tells(room, participant, trainer):
    actions.post_message(room=room, author=participant, text=f"@{trainer.name}", client_id=uuid.uuid4())
    assert not Notification.objects.exists()
    assert Mention.objects.get().told_at is None
    assert "mentions" in loop.registered()
    for _round in range(2):
        mentions.tell_due()
    assert Notification.objects.count() == 1
    assert Mention.objects.get().told_at


def test_one_that_cannot_be_told_holds_up_no_other(room, participant, trainer, monkeypatch):
    for text in ("first", "second"):
        text = f"@{trainer.name} {text}"
        actions.post_message(room=room, author=participant, text=text, client_id=uuid.uuid4())
    (telling,) = mentions._telling

    class Failing(MentionNews):
        def tell(self, message, users):
            if message.number == 1:
                raise RuntimeError
            telling.tell(message, users)

    monkeypatch.setattr(mentions, "_telling", [Failing()])
    assert mentions.tell_due() == 1
    monkeypatch.setattr(mentions, "_telling", [telling])
    assert mentions.tell_due() == 1
    assert Notification.objects.count() == 2


def test_reading_the_message_in_the_room_clears_the_bell(room, say, participant, trainer):
    said = say(participant, f"@{trainer.name}")
    actions.mark_read(room=room, user=trainer, number=said.number - 1)
    assert bell.unseen_count(trainer) == 1
    actions.mark_read(room=room, user=trainer, number=said.number)
    assert bell.unseen_count(trainer) == 0


def test_who_has_read_it_before_it_is_told_hears_nothing(room, participant, trainer):
    said = actions.post_message(
        room=room, author=participant, text=f"@{trainer.name}", client_id=uuid.uuid4()
    )
    actions.mark_read(room=room, user=trainer, number=said.number)
    mentions.tell_due()
    assert not Notification.objects.exists()
    assert Mention.objects.get().told_at


def test_a_message_that_was_taken_back_is_no_news_until_it_is_put_back(room, say, participant, trainer):
    said = say(participant, f"@{trainer.name}")
    actions.withdraw_message(room=room, number=said.number, by=participant)
    assert bell.unseen_count(trainer) == 0
    actions.restore_message(room=room, number=said.number, by=participant)
    assert bell.unseen_count(trainer) == 1


def test_a_changed_message_tells_who_is_new_in_it_and_lets_go_of_who_is_not(
    room, say, participant, another_participant, trainer, django_capture_on_commit_callbacks
):
    said = say(participant, f"@{trainer.name}")
    with django_capture_on_commit_callbacks(execute=True):
        actions.edit_message(
            room=room,
            number=said.number,
            by=participant,
            text=f"@{another_participant.name}",
            client_id=uuid.uuid4(),
        )
    assert bell.unseen_count(trainer) == 0
    assert bell.unseen_count(another_participant) == 1


def test_who_is_not_in_the_room_any_more_has_no_news_of_it(
    space, say, participant, another_participant, coordinator
):
    say(participant, f"@{another_participant.name}")
    assert bell.unseen_count(another_participant) == 1
    spaces.dismiss(space=space, user=another_participant, by=coordinator)
    assert bell.unseen_count(another_participant) == 0


def test_messages_without_the_sign_cost_nothing_and_all_others_two_queries(
    room, participant, trainer, django_assert_num_queries
):
    said = [
        actions.post_message(room=room, author=participant, text=text, client_id=uuid.uuid4())
        for text in ("plain", "a@b", f"@{trainer.name}", f"@{trainer.name} again")
    ]
    with django_assert_num_queries(0):
        mentions.record(said[:1])
    Mention.objects.all().delete()
    with django_assert_num_queries(2):
        mentions.record(said)


@pytest.mark.django_db(transaction=True)
def test_a_thread_for_which_people_wait_leaves_the_telling_to_another(space, participant, trainer):
    told_by = []
    (telling,) = mentions._telling

    class Watched(MentionNews):
        def tell(self, message, users):
            told_by.append(threading.current_thread().name)
            telling.tell(message, users)

    def write():
        mentions.tell_apart()
        text = f"@{trainer.name}"
        actions.post_message(room=space.room, author=participant, text=text, client_id=uuid.uuid4())
        connection.close()

    mentions._telling[:] = [Watched()]
    try:
        writing = threading.Thread(target=write)
        writing.start()
        writing.join()
        mentions._teller.submit(lambda: None).result(timeout=10)
    finally:
        mentions._telling[:] = [telling]
    assert [name.split("_")[0] for name in told_by] == ["mentions"]
    assert Notification.objects.get().user == trainer
