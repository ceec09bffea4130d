"""Marks on posts of every kind, and what their authors hear of thanks."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people.models import User
from community.posts import actions as posts
from community.posts.mark_actions import mark
from community.posts.mark_queries import given_to, marks_of
from community.posts.models import Post, PostMark
from community.threads.models import Reply
from messaging.notifications import digests, mail_preferences
from messaging.notifications.bell import unseen_count
from messaging.notifications.models import Mail
from messaging.notifications.queries import items_of, with_text
from tests import written
from tests.cast import Cast, close_now


@pytest.fixture
def reply(cast: Cast) -> Reply:
    """A reply of the participant."""
    return written.reply_to(written.start(cast.space, cast.trainer), cast.participant)


def thank(post: Post, by: User, *, on: bool = True) -> None:
    mark(post=post, by=by, mark="thanks", on=on)


def said_to(user: User) -> list[str]:
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


def page_of(client: Client, post: Reply) -> str:
    return client.get(reverse("thread", args=[post.thread_id]), {"page": 1}).content.decode()


def test_a_mark_is_given_once_and_taken_back(cast: Cast, reply: Reply) -> None:
    thank(reply, cast.trainer)
    thank(reply, cast.trainer)
    mark(post=reply, by=cast.another_participant, mark="idea", on=True)
    assert set(marks_of(reply, cast.trainer)) == {("thanks", 1, 1), ("idea", 1, 0)}
    thank(reply, cast.trainer, on=False)
    thank(reply, cast.trainer, on=False)
    assert set(marks_of(reply, cast.trainer)) == {("idea", 1, 0)}


def test_nobody_marks_what_they_wrote_themselves(cast: Cast, reply: Reply) -> None:
    with pytest.raises(Refused):
        thank(reply, cast.participant)
    with pytest.raises(Refused):
        mark(post=reply, by=cast.trainer, mark="applause", on=True)
    assert not PostMark.objects.exists()


def test_talk_takes_no_marks_once_it_has_ended_and_write_ups_still_do(cast: Cast, reply: Reply) -> None:
    practice = written.publish(cast.space, cast.participant)
    thank(reply, cast.trainer)
    close_now(cast.space)
    closed = Reply.objects.select_related("thread__space").get(pk=reply.pk)
    with pytest.raises(Refused):
        thank(closed, cast.another_participant)
    thank(closed, cast.trainer, on=False)
    practice.refresh_from_db()
    thank(practice, cast.trainer)
    assert [(each.label, each.names) for each in given_to(practice, cast.trainer)] == [
        ("Thanks", (cast.trainer.name,))
    ]


def test_the_author_hears_of_thanks_as_one_item(cast: Cast) -> None:
    practice = written.publish(cast.space, cast.participant)
    thank(practice, cast.trainer)
    assert said_to(cast.participant) == [f"{cast.trainer.name} thanked you for “Two minutes of silence”"]
    thank(practice, cast.another_participant)
    assert said_to(cast.participant) == ["2 people thanked you for “Two minutes of silence”"]
    thank(practice, cast.another_participant, on=False)
    assert said_to(cast.participant) == [f"{cast.trainer.name} thanked you for “Two minutes of silence”"]


def test_of_other_marks_nobody_is_told(cast: Cast, reply: Reply) -> None:
    mark(post=reply, by=cast.trainer, mark="smile", on=True)
    assert said_to(cast.participant) == []


def test_thanks_for_a_reply_go_and_come_with_it(cast: Cast, reply: Reply) -> None:
    thank(reply, cast.trainer)
    assert said_to(cast.participant) == [
        f"{cast.trainer.name} thanked you for what you wrote in “Exit tickets in year 5”"
    ]
    posts.withdraw(post=reply, by=cast.participant)
    assert unseen_count(cast.participant) == 0
    posts.restore(post=reply, by=cast.participant)
    assert unseen_count(cast.participant) == 1


def test_thanks_are_never_mailed_at_once(cast: Cast, reply: Reply) -> None:
    mail_preferences.set_frequency(user=cast.participant, scope=cast.space.scope, frequency="now")
    thank(reply, cast.trainer)
    mails = Mail.objects.filter(user=cast.participant)
    with clock.at(clock.now() + dt.timedelta(minutes=5)):
        digests.sweep_digests()
        assert not mails.exclude(key__startswith="daily:").exists()
    with clock.at(clock.now() + dt.timedelta(days=1)):
        digests.sweep_digests()
    assert "thanked you" in mails.get().text


def test_a_conversation_shows_marks_as_buttons_to_those_who_may_give_them(
    cast: Cast, as_: Callable[..., Client], reply: Reply
) -> None:
    thank(reply, cast.trainer)
    url = reverse("post_mark", args=["reply", reply.pk])
    assert f'formaction="{url}?on=0"' in page_of(as_(cast.trainer), reply)
    assert f'formaction="{url}?on=1"' in page_of(as_(cast.another_participant), reply)
    theirs = page_of(as_(cast.participant), reply)
    assert url not in theirs
    assert 'class="mark mark--given"' in theirs


def test_a_form_leads_back_to_the_post_and_a_script_gets_its_marks(
    cast: Cast, as_: Callable[..., Client], reply: Reply
) -> None:
    url = reverse("post_mark", args=["reply", reply.pk])
    answer = as_(cast.trainer).post(f"{url}?on=1", {"mark": "thanks"})
    assert answer.headers["Location"] == reverse("reply", args=[reply.pk])
    answer = as_(cast.trainer).post(f"{url}?on=0", {"mark": "thanks"}, headers={"accept": "application/json"})
    assert f"{url}?on=1" in answer.json()["marks"]
    refused = as_(cast.participant).post(url, {"mark": "thanks"}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()) == (403, {"why": "Reactions are for what others wrote."})


def test_who_gave_which_mark_is_told_on_demand(cast: Cast, as_: Callable[..., Client], reply: Reply) -> None:
    thank(reply, cast.trainer)
    assert cast.trainer.name in as_(cast.participant).get(f"/posts/reply/{reply.pk}/").content.decode()


def test_the_address_of_a_reply_leads_to_its_page(
    cast: Cast, as_: Callable[..., Client], reply: Reply
) -> None:
    for _more in range(30):
        last = written.reply_to(reply.thread, cast.trainer)
    answer = as_(cast.participant).get(reverse("reply", args=[last.pk]))
    assert answer.headers["Location"] == f"/threads/{reply.thread_id}/?page=2#reply-31"
    said = with_text(cast.participant, items_of(cast.participant))
    followed = as_(cast.participant).get(reverse("news_open", args=[said[0].newest]))
    assert followed.headers["Location"] == reverse("reply", args=[last.pk])
