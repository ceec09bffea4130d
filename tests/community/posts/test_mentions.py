"""Mentions in posts: who is told of them, who can be mentioned, and what is left after an erasure."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from community.people.models import User
from community.posts import actions as posts
from community.posts.models import Audience, PostMention
from community.posts.privacy import erase
from community.practices.actions import PracticeText, edit_practice
from community.practices.models import Practice
from community.threads.actions import edit_reply, edit_thread, open_to_everyone
from community.threads.models import Reply
from messaging.notifications.bell import unseen_count
from messaging.notifications.queries import items_of, with_text
from tests import written
from tests.cast import Cast

TO_TRAINER = "@Tamara Trainer, how did you do it?"


def said_to(user: User) -> list[str]:
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


def test_a_conversation_a_reply_and_a_write_up_tell_whom_they_mention(cast: Cast) -> None:
    thread = written.start(cast.space, cast.participant, text=TO_TRAINER)
    written.reply_to(thread, cast.participant, "Or @petra participant, or @Nobody Here?")
    written.reply_to(thread, cast.another_participant, TO_TRAINER)
    written.publish(cast.space, cast.participant, happened=TO_TRAINER)
    assert said_to(cast.trainer) == [
        f"{cast.participant.name} mentioned you in “Two minutes of silence”",
        "2 mentions of you in “Exit tickets in year 5”",
    ]


def test_who_is_mentioned_in_a_reply_is_told_of_that_alone(cast: Cast) -> None:
    thread = written.start(cast.space, cast.trainer)
    written.reply_to(thread, cast.participant, TO_TRAINER)
    assert said_to(cast.trainer) == [f"{cast.participant.name} mentioned you in “Exit tickets in year 5”"]


def test_an_edit_tells_only_those_mentioned_for_the_first_time(cast: Cast) -> None:
    reply = written.reply_to(written.start(cast.space, cast.coordinator), cast.participant, TO_TRAINER)
    again = f"{TO_TRAINER} And you, @{cast.another_participant.name}?"
    edit_reply(reply=reply, by=cast.participant, text=again, tried=False)
    edit_reply(reply=reply, by=cast.participant, text=again, tried=True)
    assert (unseen_count(cast.trainer), unseen_count(cast.another_participant)) == (1, 1)
    edit_reply(reply=reply, by=cast.participant, text="Never mind", tried=False)
    assert (unseen_count(cast.trainer), unseen_count(cast.another_participant)) == (0, 0)
    assert not PostMention.objects.exists()
    edit_reply(reply=reply, by=cast.participant, text=TO_TRAINER, tried=False)
    assert (unseen_count(cast.trainer), unseen_count(cast.another_participant)) == (1, 0)


def test_edits_of_a_conversation_and_a_write_up_mention_too(cast: Cast) -> None:
    thread = written.start(cast.space, cast.participant)
    edit_thread(thread=thread, by=cast.participant, title="Tickets", text=TO_TRAINER)
    practice = written.publish(cast.space, cast.participant)
    fields = PracticeText(title="Silence", context="", tried=TO_TRAINER, happened="It helped.")
    edit_practice(practice=practice, by=cast.participant, fields=fields)
    assert said_to(cast.trainer) == [
        f"{cast.participant.name} mentioned you in “Silence”",
        f"{cast.participant.name} mentioned you in “Tickets”",
    ]


def test_a_withdrawn_reply_tells_nobody(cast: Cast) -> None:
    reply = written.reply_to(written.start(cast.space, cast.coordinator), cast.participant, TO_TRAINER)
    posts.withdraw(post=reply, by=cast.participant)
    assert unseen_count(cast.trainer) == 0
    posts.restore(post=reply, by=cast.participant)
    assert unseen_count(cast.trainer) == 1


def test_a_quotation_mentions_nobody_again(cast: Cast) -> None:
    thread = written.start(cast.space, cast.participant)
    written.reply_to(thread, cast.participant, f"> {TO_TRAINER}\nI wonder too.")
    written.reply_to(
        thread, cast.participant, f"<!--html1--><blockquote><p>{TO_TRAINER}</p></blockquote><p>I do.</p>"
    )
    assert said_to(cast.trainer) == []


def test_only_those_who_may_read_a_private_question_are_mentioned(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    other = cast.another_participant
    thread = written.ask_trainer(cast.space, cast.participant, text=f"{TO_TRAINER} Not @{other.name}.")
    assert unseen_count(other) == 0
    url = reverse("post_people", args=["thread", thread.pk])
    names = [one["name"] for one in as_(cast.participant).get(url).json()["members"]]
    assert names == [cast.trainer.name]
    open_to_everyone(thread=thread, by=cast.participant)
    assert unseen_count(other) == 1


def test_members_of_the_space_are_offered_in_a_new_post(cast: Cast, as_: Callable[..., Client]) -> None:
    people = as_(cast.participant).get(reverse("space_post_people", args=[cast.space.pk])).json()
    assert cast.participant.name not in str(people["members"])
    assert {cast.trainer.name, cast.another_participant.name} <= {one["name"] for one in people["members"]}


def test_who_reads_a_write_up_elsewhere_is_not_told_who_is_in_its_space(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    practice = written.publish(cast.space, cast.participant)
    Audience.objects.create(post_kind="practice", post_id=practice.pk, reach="library")
    assert Practice.objects.visible_to(cast.stranger).exists()
    url = reverse("post_people", args=["practice", practice.pk])
    assert as_(cast.stranger).get(url).status_code == 404
    assert as_(cast.trainer).get(url).status_code == 200


def test_who_is_mentioned_sees_a_mark(cast: Cast, as_: Callable[..., Client]) -> None:
    thread = written.start(cast.space, cast.participant)
    written.reply_to(thread, cast.participant, TO_TRAINER)
    practice = written.publish(cast.space, cast.participant, tried=TO_TRAINER)
    for path in (reverse("thread", args=[thread.pk]), reverse("practice", args=[practice.pk])):
        assert "You are mentioned" in as_(cast.trainer).get(path, {"page": 1}).content.decode()
        assert (
            "You are mentioned" not in as_(cast.another_participant).get(path, {"page": 1}).content.decode()
        )


def test_posts_are_found_by_the_words_that_remain_of_an_erased_name(cast: Cast) -> None:
    thread = written.start(cast.space, cast.participant)
    sent = f"<!--html1--><p>Thank you, <strong>@{cast.trainer.name}</strong>!</p>"
    reply = written.reply_to(thread, cast.participant, sent)
    practice = written.publish(cast.space, cast.participant, happened=TO_TRAINER)
    erase(cast.trainer)
    reply, practice = Reply.objects.get(pk=reply.pk), Practice.objects.get(pk=practice.pk)
    assert reply.text == reply.html == "<p>Thank you, <strong>@—</strong>!</p>"
    assert (practice.happened, practice.happened_html) == (
        "@—, how did you do it?",
        "<p>@—, how did you do it?</p>",
    )
    assert "tamara" not in reply.search_text + practice.search_text
