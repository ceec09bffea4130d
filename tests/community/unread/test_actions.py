"""When the numbers that are kept of what is new are counted again."""

import threading

import pytest
from django.db import connection, transaction

from community.posts import actions as posts
from community.spaces import actions as spaces
from community.spaces.models import Membership
from community.threads import queries as threads
from community.threads.actions import open_to_everyone
from community.unread import queries
from community.unread.actions import advance, advance_own
from community.unread.models import Unread
from followup.courses.roles import SpaceRole
from tests import written


def kept(user, space):
    """The row of a reader and a space as it would be shown now."""
    [row] = queries.kept_in(user, [space.pk])
    return row


def new_threads(user, space):
    return queries.new_in(user, [space.pk])[space.pk].threads


def test_what_is_kept_is_not_counted_again(cast):
    written.start(cast.space, cast.participant)
    assert not kept(cast.trainer, cast.space).is_kept
    assert new_threads(cast.trainer, cast.space) == 1
    assert kept(cast.trainer, cast.space).is_kept
    Unread.objects.update(threads=7)
    assert new_threads(cast.trainer, cast.space) == 7


def test_whatever_changes_what_is_new_makes_it_out_of_date_for_everybody(cast):
    thread = written.start(cast.space, cast.participant)
    question = written.ask_trainer(cast.space, cast.participant)
    reply = written.reply_to(thread, cast.participant)
    practice = written.publish(cast.space, cast.participant)
    changes = [
        lambda: written.start(cast.space, cast.participant),
        lambda: written.reply_to(thread, cast.participant),
        lambda: written.publish(cast.space, cast.participant),
        lambda: open_to_everyone(thread=question, by=cast.participant),
        *(lambda post=post: posts.withdraw(post=post, by=cast.participant) for post in (reply, practice)),
        *(lambda post=post: posts.restore(post=post, by=cast.participant) for post in (reply, practice)),
    ]
    for change in changes:
        queries.new_in(cast.trainer, [cast.space.pk])
        change()
        assert not kept(cast.trainer, cast.space).is_kept


def test_a_visit_makes_it_out_of_date_for_the_visitor_alone(cast):
    thread = written.start(cast.space, cast.participant)
    both = (cast.trainer, cast.another_participant)
    assert [new_threads(user, cast.space) for user in both] == [1, 1]
    threads.mark_seen(thread, cast.trainer, first=1, last=0)
    assert [kept(user, cast.space).is_kept for user in both] == [False, True]
    assert [new_threads(user, cast.space) for user in both] == [0, 1]
    threads.mark_seen(thread, cast.trainer, first=1, last=0)
    assert kept(cast.trainer, cast.space).is_kept


def test_who_answers_questions_now_or_no_longer_has_other_numbers(cast):
    written.ask_trainer(cast.space, cast.another_participant)
    mine = Membership.objects.filter(space=cast.space, user=cast.participant)
    for role, number in ((SpaceRole.PARTICIPANT, 0), (SpaceRole.TRAINER, 1), (SpaceRole.PARTICIPANT, 0)):
        mine.update(role=role)
        assert new_threads(cast.participant, cast.space) == number


def test_what_is_counted_after_a_dismissal_is_not_kept_for_when_they_are_back(cast):
    reader, space = cast.another_participant, cast.space
    written.start(space, cast.participant)
    spaces.dismiss(space=space, user=reader, by=cast.coordinator)
    assert new_threads(reader, space) == 0
    spaces.readmit(space=space, user=reader, by=cast.coordinator)
    assert new_threads(reader, space) == 1


@pytest.mark.parametrize("change", ["visit", "post"])
def test_a_count_that_began_before_a_change_is_not_kept_as_valid_after_it(cast, change):
    written.start(cast.space, cast.participant)
    counted = queries.kept_in(cast.trainer, [cast.space.pk])
    if change == "visit":
        advance_own(cast.trainer, cast.space.pk)
    else:
        advance([cast.space.pk])
    queries._keep(cast.trainer, counted)
    assert not kept(cast.trainer, cast.space).is_kept


def test_a_post_that_is_rolled_back_leaves_what_is_kept(cast):
    assert new_threads(cast.trainer, cast.space) == 0
    with transaction.atomic():
        written.start(cast.space, cast.participant)
        transaction.set_rollback(True)
    assert kept(cast.trainer, cast.space).is_kept
    assert new_threads(cast.trainer, cast.space) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_while_a_post_is_written_is_counted_again_after_it(cast):
    def count() -> None:
        try:
            counted.append(new_threads(cast.trainer, cast.space))
        finally:
            connection.close()

    counted: list[int] = []
    with transaction.atomic():
        written.start(cast.space, cast.participant)
        # SQLite has one writer at a time, so there the other could not keep what it counts.
        if connection.vendor == "postgresql":
            other = threading.Thread(target=count)
            other.start()
            other.join()
            assert counted == [0]
    assert new_threads(cast.trainer, cast.space) == 1


@pytest.mark.django_db(transaction=True)
def test_a_space_that_is_deleted_while_it_is_counted_stops_no_page(cast, monkeypatch):
    [row] = queries.kept_in(cast.trainer, [cast.space.pk])
    monkeypatch.setattr(queries, "kept_in", lambda user, spaces: [row._replace(space=4711)])
    assert queries.new_in(cast.trainer, [4711]) == {4711: queries.NewPosts(4711, 0, 0)}
    assert not Unread.objects.exists()
