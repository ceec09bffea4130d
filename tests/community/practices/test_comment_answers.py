"""Marks, mentions and quotations in comments on practices, which are posts like any other."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from community.posts import actions as posts
from community.posts.mark_actions import mark
from community.practices import comment_actions
from messaging.notifications.bell import unseen_count
from messaging.notifications.queries import items_of, with_text
from tests import written
from tests.cast import Cast


def test_a_comment_tells_whom_it_mentions_of_that_alone(cast: Cast) -> None:
    practice = written.publish(cast.space, cast.trainer)
    comment = written.comment_on(practice, cast.participant, f"@{cast.trainer.name}, and then?")
    said = [line.text for line in with_text(cast.trainer, items_of(cast.trainer)) if line.unseen]
    assert said == [f"{cast.participant.name} mentioned you in “Two minutes of silence”"]
    comment_actions.edit_comment(comment=comment, by=cast.participant, text="Never mind")
    assert unseen_count(cast.trainer) == 0


def test_thanks_for_a_comment_go_with_it(cast: Cast) -> None:
    comment = written.comment_on(written.publish(cast.space, cast.trainer), cast.participant, "I wonder.")
    mark(post=comment, by=cast.trainer, mark="thanks", on=True)
    assert unseen_count(cast.participant) == 1
    posts.withdraw(post=comment, by=cast.participant)
    assert unseen_count(cast.participant) == 0


def test_a_practice_and_its_comments_are_quoted(cast: Cast, as_: Callable[..., Client]) -> None:
    practice = written.publish(cast.space, cast.trainer)
    comment = written.comment_on(practice, cast.another_participant, "I wonder.")
    client, path = as_(cast.participant), reverse("practice", args=[practice.pk])
    page = client.get(path, {"quote": f"comment-{comment.pk}"})
    assert page.context["form"]["text"].value() == (
        f"> [{cast.another_participant.name}](http://testserver{path}#comment-1):\n> I wonder.\n\n"
    )
    page = client.get(path, {"quote": f"practice-{practice.pk}"})
    assert "Year 7, restless. We were silent." in page.context["form"]["text"].value()
    shown = client.get(path).content.decode()
    assert f'href="?quote=comment-{comment.pk}#comment"' in shown
    assert f'data-address="{path}#comment-1"' in shown
