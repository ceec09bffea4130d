"""What is new to a reader, compared with a simple model of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from community.posts import actions as posts
from community.threads import queries
from community.threads.models import Reply, Thread
from community.unread.queries import new_in
from tests.cast import create_cast
from tests.written import ask_trainer, reply_to, start


def new_for(user, space):
    return new_in(user, [space.pk])[space.pk].threads


WHO = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), WHO, st.booleans()),
        st.tuples(st.just("reply"), WHO, st.integers(0, 9)),
        st.tuples(st.just("open"), WHO, st.integers(0, 9)),
        st.tuples(st.just("withdraw thread"), WHO, st.integers(0, 9)),
        st.tuples(st.just("withdraw reply"), WHO, st.integers(0, 29)),
        st.tuples(st.just("mark all"), WHO, st.none()),
    ),
    max_size=25,
)


class Naive:
    """Remembers for each reader every thread and reply that was ever shown to them."""

    def __init__(self, people, trainer):
        self.people, self.trainer = people, trainer
        self.shown = {person.pk: set() for person in people}

    def sees(self, person, thread):
        return not thread.for_answerers_only or person.pk in (thread.author_id, self.trainer.pk)

    def show(self, person, thread):
        self.shown[person.pk].add(("thread", thread.pk))
        self.shown[person.pk] |= {("reply", pk) for pk in thread.replies.values_list("pk", flat=True)}

    def unread(self, person):
        return sum(
            self.sees(person, thread) and self.is_new(person, thread) for thread in Thread.objects.all()
        )

    def is_new(self, person, thread):
        seen = self.shown[person.pk]
        opening = (
            thread.author_id != person.pk and not thread.withdrawn_at and ("thread", thread.pk) not in seen
        )
        return opening or any(
            ("reply", reply.pk) not in seen and reply.author_id != person.pk and not reply.withdrawn_at
            for reply in thread.replies.all()
        )


class UnreadIsExact(TestCase):
    """Whatever happens in whatever order."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def test_unread_agrees_with_a_reader_who_remembers_everything(self, steps):
        cast = create_cast()
        people = [cast.participant, cast.another_participant, cast.trainer]
        naive = Naive(people, cast.trainer)
        for what, who, which in steps:
            self.take(what, people[who], which, cast, naive)
            for person in people:
                assert new_for(person, cast.space) == naive.unread(person), (what, person)

    def take(self, what, person, which, cast, naive):
        threads = [one for one in Thread.objects.order_by("pk") if naive.sees(person, one)]
        thread = threads[which % len(threads)] if threads and isinstance(which, int) else None
        if what == "start":
            (ask_trainer if which else start)(cast.space, person)
        elif what == "mark all":
            queries.mark_all_seen(cast.space, person)
            for one in threads:
                naive.show(person, one)
        elif what == "withdraw reply":
            mine = list(Reply.objects.filter(author=person).order_by("pk"))
            if mine:
                posts.withdraw(post=mine[which % len(mine)], by=person)
        elif thread is None:
            return
        elif what == "reply" and not thread.withdrawn_at:
            reply_to(thread, person)
        elif what == "open":
            thread.refresh_from_db()
            queries.mark_seen(thread, person, first=1, last=thread.last_number)
            naive.show(person, thread)
        elif what == "withdraw thread" and thread.author_id == person.pk:
            posts.withdraw(post=thread, by=person)


def test_ones_own_thread_is_not_new_until_somebody_replies(space, participant, trainer):
    thread = start(space, participant)
    assert (new_for(participant, space), new_for(trainer, space)) == (0, 1)
    reply_to(thread, trainer)
    assert new_for(participant, space) == 1


def test_a_later_page_does_not_mark_earlier_replies_as_read(space, participant, trainer):
    thread = start(space, participant)
    for _ in range(queries.REPLIES_PER_PAGE + 5):
        reply_to(thread, trainer)
    thread.refresh_from_db()
    queries.mark_seen(thread, participant, first=31, last=35)
    assert new_for(participant, space) == 1
    queries.mark_seen(thread, participant, first=1, last=30)
    read = queries.with_reading(Thread.objects.all(), participant).get()
    assert (read.first_new, read.new_replies) == (31, 5)
    url = queries.url_at_first_new(thread.pk, read.seen_to, read.first_new)
    assert url == f"/threads/{thread.pk}/?page=2#reply-31"
    queries.mark_seen(thread, participant, first=31, last=35)
    assert new_for(participant, space) == 0


def test_an_earlier_page_does_not_lower_the_read_position(space, participant, trainer):
    thread = start(space, participant)
    reply_to(thread, trainer)
    queries.mark_seen(thread, participant, first=1, last=1)
    queries.mark_seen(thread, participant, first=1, last=0)
    assert new_for(participant, space) == 0


def test_a_question_for_the_trainer_only_is_new_to_the_trainer_alone(cast):
    ask_trainer(cast.space, cast.participant)
    counts = {
        who: new_for(cast.who(who), cast.space) for who in ("trainer", "another_participant", "coordinator")
    }
    assert counts == {"trainer": 1, "another_participant": 0, "coordinator": 0}


def test_counts_are_one_query_however_many_spaces(cast, django_assert_num_queries):
    for _ in range(5):
        start(cast.space, cast.participant)
    new_in(cast.trainer, [cast.space.pk])
    with django_assert_num_queries(1):
        assert new_in(cast.trainer, [cast.space.pk, 2, 3, 4]) == {cast.space.pk: (cast.space.pk, 5, 0)}


@pytest.mark.parametrize(("number", "page"), [(0, 1), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_the_page_of_a_reply_is_computed_from_its_number(number, page):
    assert queries.page_of_number(number) == page
