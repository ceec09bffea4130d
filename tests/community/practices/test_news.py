"""Notifications about try-outs."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from community.people.models import User
from community.posts import actions as posts
from messaging.notifications.bell import unseen_count
from messaging.notifications.following_actions import mute
from messaging.notifications.queries import items_of, with_text
from tests.cast import Cast
from tests.written import comment_on, publish


def said_to(user: User) -> list[str]:
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


def test_a_try_out_notifies_the_author_of_the_practice(cast: Cast) -> None:
    practice = publish(cast.space, cast.participant)
    publish(cast.space, cast.another_participant, builds_on=practice)
    assert said_to(cast.participant) == ["Pal Participant tried “Two minutes of silence” too"]
    assert said_to(cast.trainer) == []


def test_a_try_out_of_ones_own_practice_notifies_nobody(cast: Cast) -> None:
    publish(cast.space, cast.participant, builds_on=publish(cast.space, cast.participant))
    assert said_to(cast.participant) == []


def test_withdrawing_a_try_out_hides_its_notification_until_restored(cast: Cast) -> None:
    tried = publish(cast.space, cast.another_participant, publish(cast.space, cast.participant))
    posts.withdraw(post=tried, by=cast.another_participant)
    assert unseen_count(cast.participant) == 0
    posts.restore(post=tried, by=cast.another_participant)
    assert unseen_count(cast.participant) == 1


def test_several_try_outs_are_one_item_that_leads_to_the_practice(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    practice = publish(cast.space, cast.participant)
    publish(cast.space, cast.another_participant, builds_on=practice)
    publish(cast.space, cast.trainer, builds_on=practice)
    assert said_to(cast.participant) == ["2 others tried “Two minutes of silence” too"]
    as_(cast.participant).get(reverse("practice", args=[practice.pk]))
    assert unseen_count(cast.participant) == 0


def test_who_commented_hears_of_try_outs_unless_they_muted_the_practice(cast: Cast) -> None:
    practice = publish(cast.space, cast.participant)
    comment_on(practice, cast.trainer)
    mute(user=cast.participant, thing=("practice", practice.pk))
    publish(cast.space, cast.another_participant, builds_on=practice)
    assert said_to(cast.trainer) == ["Pal Participant tried “Two minutes of silence” too"]
    assert "Pal Participant tried “Two minutes of silence” too" not in said_to(cast.participant)


def test_marking_practices_as_read_clears_it(cast: Cast, as_: Callable[..., Client]) -> None:
    publish(cast.space, cast.another_participant, publish(cast.space, cast.participant))
    as_(cast.participant).post(reverse("space_practices_read", args=[cast.space.pk]))
    assert unseen_count(cast.participant) == 0
