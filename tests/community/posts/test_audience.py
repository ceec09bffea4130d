"""Who a post is for: its own space first, and what other audiences it is given."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction

from community.posts.models import Audience
from community.practices.models import Practice
from community.spaces.actions import open_space
from community.spaces.kinds import Right, kind_of
from community.spaces.permissions import rights_in
from community.threads.models import Thread
from community.threads.permissions import can_take_part
from tests.cast import join, person
from tests.written import ask_trainer, publish, start


@pytest.fixture
def other_space(space, institute):
    return open_space(
        kind=space.kind,
        institute=institute,
        title="Other",
        language="en",
        time_zone="Europe/Budapest",
        closes_at=space.closes_at,
    )


@pytest.fixture
def neighbour(other_space):
    user = person("Nora Neighbour")
    join(other_space, user)
    return user


def give(post, **to):
    return Audience.objects.create(post_kind=post.KIND, post_id=post.pk, **to)


def test_a_new_post_is_for_its_space(space, participant):
    for post in (start(space, participant), publish(space, participant)):
        assert Audience.objects.get(post_kind=post.KIND, post_id=post.pk).space == space


def test_posts_created_in_bulk_are_for_their_space(space, participant, another_participant):
    Thread.objects.bulk_create([Thread(space=space, author=participant, title="Pencils", language="en")])
    assert Thread.objects.visible_to(another_participant).exists()


def test_changing_a_post_adds_no_audience(space, participant):
    thread = start(space, participant)
    thread.save()
    assert Audience.objects.filter(post_kind="thread", post_id=thread.pk).count() == 1


@pytest.mark.parametrize(("model", "write"), [(Thread, start), (Practice, publish)])
def test_members_of_a_second_space_may_read_and_no_row_is_duplicated(
    space, other_space, participant, neighbour, model, write
):
    post = write(space, participant)
    assert post not in model.objects.visible_to(neighbour)
    give(post, space=other_space)
    join(other_space, participant)
    assert list(model.objects.visible_to(neighbour)) == [post]
    assert list(model.objects.visible_to(participant)) == [post]


def test_the_library_is_for_who_is_signed_in_and_public_is_for_everybody(space, participant, stranger):
    practice = publish(space, participant)
    give(practice, reach=Audience.Reach.LIBRARY)
    assert practice in Practice.objects.visible_to(stranger)
    assert practice not in Practice.objects.visible_to(AnonymousUser())
    give(practice, reach=Audience.Reach.PUBLIC)
    assert practice in Practice.objects.visible_to(AnonymousUser())
    Practice.objects.update(published_at=None)
    assert practice not in Practice.objects.visible_to(stranger)
    assert practice not in Practice.objects.visible_to(AnonymousUser())


def test_kinds_with_the_same_number_are_not_confused(space, other_space, participant, neighbour):
    thread, practice = start(space, participant), publish(space, participant)
    Audience.objects.create(post_kind="practice", post_id=thread.pk + 1000, space=other_space)
    Audience.objects.create(post_kind="thread", post_id=practice.pk + 1000, space=other_space)
    assert not Thread.objects.visible_to(neighbour).exists()
    assert not Practice.objects.visible_to(neighbour).exists()


def test_a_question_to_the_trainer_stays_one_in_every_audience(space, other_space, participant, neighbour):
    question = ask_trainer(space, participant)
    give(question, space=other_space)
    assert question not in Thread.objects.visible_to(neighbour)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reach": Audience.Reach.SPACE},
        {"reach": Audience.Reach.LIBRARY, "in_space": True},
        {"in_space": True},
    ],
)
def test_an_audience_is_a_space_or_a_reach_and_is_given_once(space, participant, wrong):
    thread = start(space, participant)
    to = {"space": space} if wrong.pop("in_space", False) else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        give(thread, **to, **wrong)


def test_the_library_is_given_once(space, participant):
    practice = publish(space, participant)
    give(practice, reach=Audience.Reach.LIBRARY)
    with pytest.raises(IntegrityError), transaction.atomic():
        give(practice, reach=Audience.Reach.LIBRARY)


def test_the_rows_of_a_post_are_found_by_an_index(space, participant):
    expected = "post_kind=? AND post_id=?"
    if connection.vendor == "postgresql":
        expected = "audience_space_once"
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert expected in Thread.objects.visible_to(participant).filter(space=space).explain()


def test_a_private_question_is_not_for_overseers_who_could_answer(
    space, participant, coordinator, monkeypatch
):
    thread = ask_trainer(space, participant)
    by_role = kind_of(space).overseers._rights
    monkeypatch.setitem(by_role, "coordinator", by_role["coordinator"] | {Right.ANSWER})
    assert Right.ANSWER in rights_in(coordinator, space)
    assert thread not in Thread.objects.visible_to(coordinator)
    assert not can_take_part(coordinator, thread)


def test_the_list_of_threads_and_the_check_of_one_agree(cast, participant):
    thread = ask_trainer(cast.space, participant)
    for name in ("participant", "another_participant", "trainer", "coordinator", "evaluator"):
        user = cast.who(name)
        assert can_take_part(user, thread) == Thread.objects.visible_to(user).contains(thread), name
