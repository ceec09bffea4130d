"""Following and muting one conversation or practice: what is told, shown, mailed and listed."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from community.people.models import User
from community.posts.mark_actions import mark
from community.threads.actions import accept_answer
from community.threads.models import Thread
from messaging.notifications import digests, following_actions, mail_preferences
from messaging.notifications.models import Following, Mail, Notification
from messaging.notifications.queries import items_of, with_text
from tests.cast import Cast, close_now
from tests.written import ask, ask_trainer, comment_on, publish, reply_to, start

SignIn = Callable[..., Client]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def said_to(user: User) -> list[str]:
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


def follow(user: User, post: object) -> None:
    following_actions.follow(user=user, thing=(post.KIND, post.pk))  # type: ignore[attr-defined]


def mute(user: User, post: object) -> None:
    following_actions.mute(user=user, thing=(post.KIND, post.pk))  # type: ignore[attr-defined]


def mails_after(**by: float) -> list[Mail]:
    """What a round of jobs writes after so long."""
    before = set(Mail.objects.values_list("pk", flat=True))
    with clock.at(clock.now() + dt.timedelta(**by)):
        digests.sweep_digests()
    return list(Mail.objects.exclude(pk__in=before).order_by("pk"))


@pytest.fixture
def thread(cast: Cast) -> Thread:
    return start(cast.space, cast.participant)


def test_who_follows_a_conversation_hears_of_each_reply(cast: Cast, thread: Thread) -> None:
    follow(cast.another_participant, thread)
    reply_to(thread, cast.trainer)
    assert said_to(cast.another_participant) == ["Tamara Trainer replied in “Exit tickets in year 5”"]


def test_who_muted_a_conversation_hears_of_nothing_there(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    mute(cast.participant, question)
    accept_answer(reply=reply_to(question, cast.another_participant), by=cast.trainer)
    assert said_to(cast.participant) == []
    follow(cast.participant, question)
    reply_to(question, cast.trainer)
    assert len(said_to(cast.participant)) == 1


def test_thanks_in_a_muted_conversation_are_not_told(cast: Cast, thread: Thread) -> None:
    mute(cast.participant, thread)
    mark(post=thread, by=cast.trainer, mark="thanks", on=True)
    assert said_to(cast.participant) == []


def test_writing_in_a_muted_conversation_leaves_it_muted(cast: Cast, thread: Thread) -> None:
    mute(cast.another_participant, thread)
    reply_to(thread, cast.another_participant)
    reply_to(thread, cast.trainer)
    assert said_to(cast.another_participant) == []


def test_who_has_left_does_not_follow_any_more(cast: Cast, thread: Thread) -> None:
    follow(cast.stranger, thread)
    reply_to(thread, cast.trainer)
    assert not cast.stranger.notifications.exists()


def test_a_private_question_is_not_told_to_who_may_not_read_it(cast: Cast) -> None:
    question = ask_trainer(cast.space, cast.participant)
    follow(cast.another_participant, question)
    reply_to(question, cast.trainer)
    assert not cast.another_participant.notifications.exists()


def test_a_practice_is_followed_and_muted_alike(cast: Cast) -> None:
    practice = publish(cast.space, cast.participant)
    follow(cast.another_participant, practice)
    mute(cast.participant, practice)
    comment_on(practice, cast.trainer)
    assert said_to(cast.participant) == []
    assert said_to(cast.another_participant) == ["Tamara Trainer commented on “Two minutes of silence”"]


def test_the_page_says_it_and_offers_the_other(cast: Cast, thread: Thread, as_: SignIn) -> None:
    path, reader = reverse("thread", args=[thread.pk]), as_(cast.another_participant)
    follow_path, mute_path = (reverse(name, args=["thread", thread.pk]) for name in ("follow", "mute"))

    def offered() -> set[str]:
        page = reader.get(path).content.decode()
        return {each for each in (follow_path, mute_path) if f'formaction="{each}"' in page}

    assert offered() == {follow_path}
    assert reader.post(follow_path).headers["Location"] == path
    assert offered() == {mute_path}
    assert "only be told when someone mentions you" in reader.post(mute_path, follow=True).text
    assert offered() == {follow_path}
    assert mute_path in as_(cast.participant).get(path).text
    assert follow_path not in as_(cast.evaluator).get(path).text


def test_nothing_is_offered_where_nothing_new_can_come(cast: Cast, thread: Thread, as_: SignIn) -> None:
    practice = publish(cast.space, cast.participant)
    close_now(cast.space)
    reader = as_(cast.another_participant)
    assert "You’re following this" not in as_(cast.participant).get(reverse("thread", args=[thread.pk])).text
    assert "Follow" in reader.get(reverse("practice", args=[practice.pk])).text


@pytest.mark.parametrize("path", ["thread", "practice"])
def test_the_page_asks_for_it_with_what_it_shows(
    cast: Cast,
    thread: Thread,
    as_: SignIn,
    path: str,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    post = thread if path == "thread" else publish(cast.space, cast.participant)
    url, reader = reverse(path, args=[post.pk]), as_(cast.another_participant)
    reader.get(url)
    with django_assert_max_num_queries(6):
        reader.get(url)


def test_what_waits_to_be_mailed_is_not_mailed_once_it_is_muted(cast: Cast, thread: Thread) -> None:
    other = start(cast.space, cast.participant, title="Pencils")
    for each in (thread, other):
        reply_to(each, cast.trainer)
    [mail] = mails_after(hours=30)
    assert "Exit tickets" in mail.text
    mute(cast.participant, thread)
    [again] = mails_after(hours=30)
    assert not Mail.objects.filter(pk=mail.pk).exists()
    assert "Exit tickets" not in again.text
    assert "Pencils" in again.text


def test_what_names_its_reader_is_mailed_from_a_muted_conversation(cast: Cast, thread: Thread) -> None:
    reply_to(thread, cast.trainer)
    Notification.objects.filter(user=cast.participant).update(kind="mention")
    mute(cast.participant, thread)
    assert len(mails_after(hours=30)) == 1


def test_a_mail_about_one_conversation_has_a_link_that_mutes_it(cast: Cast, thread: Thread) -> None:
    mail_preferences.set_frequency(user=cast.participant, scope=cast.space.scope, frequency="now")
    reply_to(thread, cast.trainer)
    [mail] = mails_after(minutes=2)
    link = mail_preferences.unsubscribe_link(cast.participant.pk, f"thread:{thread.pk}")
    assert link in mail.text
    assert mail.stop_scope == cast.space.scope
    outsider, path = Client(enforce_csrf_checks=True), urlsplit(link).path
    assert "Exit tickets in year 5" in outsider.get(path).text
    assert not Following.objects.exists()
    assert (
        "only told when someone mentions you" in outsider.post(path, {"frequency": "never"}, follow=True).text
    )
    assert Following.objects.get().choice == "muted"
    assert "You’re told when something new" in outsider.post(path, {"frequency": "now"}, follow=True).text
    assert outsider.post(path, ONE_CLICK).status_code == 200
    assert Following.objects.get().choice == "muted"


def test_a_mail_about_several_has_no_such_link(cast: Cast, thread: Thread) -> None:
    for each in (thread, start(cast.space, cast.participant, title="Pencils")):
        reply_to(each, cast.trainer)
    [mail] = mails_after(hours=30)
    assert "Mute just this one" not in mail.text


def test_the_link_says_nothing_of_what_its_reader_no_longer_sees(cast: Cast, thread: Thread) -> None:
    link = mail_preferences.unsubscribe_link(cast.stranger.pk, f"thread:{thread.pk}")
    assert "Exit tickets" not in Client().get(urlsplit(link).path).text


def test_the_list_has_what_one_follows_and_what_one_has_muted(
    cast: Cast, thread: Thread, as_: SignIn
) -> None:
    practice = publish(cast.space, cast.trainer)
    comment_on(practice, cast.participant)
    loud, followed = (start(cast.space, cast.trainer, title=title) for title in ("Loud", "Pencils"))
    mute(cast.participant, loud)
    follow(cast.participant, followed)
    start(cast.space, cast.trainer, title="Nothing to do with me")
    reader, path = as_(cast.participant), reverse("following")
    titles = {thing.title for thing in reader.get(path).context["things"]}
    assert titles == {"Exit tickets in year 5", "Two minutes of silence", "Pencils"}
    muted = reader.get(path, {"show": "muted"})
    assert [thing.title for thing in muted.context["things"]] == ["Loud"]
    found = reader.get(path, {"q": "TICKETS"})
    assert [thing.title for thing in found.context["things"]] == ["Exit tickets in year 5"]
    reader.post(reverse("follow", args=["thread", loud.pk]) + "?list=1")
    assert not reader.get(path, {"show": "muted"}).context["things"]
    assert path in reader.get(reverse("mail_preferences")).text


def test_the_list_takes_the_same_queries_however_long_it_is(
    cast: Cast, as_: SignIn, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    reader, path = as_(cast.participant), reverse("following")
    start(cast.space, cast.participant)
    reader.get(path)
    with django_assert_max_num_queries(6):
        reader.get(path)
    for _more in range(25):
        start(cast.space, cast.participant)
    reader.get(path)
    with django_assert_max_num_queries(6):
        assert "Next" in reader.get(path).text
