"""What is new to a reader in a space, for every page."""

from django.test import RequestFactory

from community.unread import queries
from community.unread.queries import New, NewPosts
from tests import written
from tests.cast import close_now
from tests.community.unread.tokens import token_in
from tests.followup.desk.test_rail import publish


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_conversations_and_practices_are_counted_by_space(cast):
    written.start(cast.space, cast.participant)
    written.publish(cast.space, cast.participant)
    written.publish(cast.space, cast.trainer)
    counted = queries.new_in(cast.trainer, [cast.space.pk, 4711])
    assert counted == {cast.space.pk: NewPosts(cast.space.pk, 1, 1)}


def test_a_page_counts_a_space_once_whoever_asks(cast, django_assert_num_queries):
    written.start(cast.space, cast.participant)
    written.say(cast.space, cast.participant)
    request = request_of(cast.trainer)
    assert queries.new_on_page(request, cast.space) == New(1, 0, 1)
    with django_assert_num_queries(0):
        assert queries.new_on_page(request, cast.space) == New(1, 0, 1)


def test_who_oversees_a_space_has_new_posts_there_and_no_messages(cast):
    written.start(cast.space, cast.participant)
    written.say(cast.space, cast.participant)
    assert queries.new_on_page(request_of(cast.evaluator), cast.space) == New(1, 0, 0)


def test_everything_in_a_closed_space_counts_on_its_own_pages(cast):
    written.start(cast.space, cast.participant)
    close_now(cast.space)
    assert queries.new_on_page(request_of(cast.trainer), cast.space) == New(1, 0, 0)


def test_of_other_closed_spaces_the_practices_of_the_last_weeks_count(cast):
    publish(cast, cast.space, days_ago=60)
    assert queries.recent_practices_in(cast.participant, token_in(cast.space)) == {}
    publish(cast, cast.space, days_ago=1)
    assert queries.recent_practices_in(cast.participant, token_in(cast.space)) == {cast.space.pk: 1}


def test_closed_spaces_without_a_recent_practice_are_not_asked_again(cast, django_assert_num_queries):
    publish(cast, cast.space, days_ago=60)
    token = token_in(cast.space)
    queries.recent_practices_in(cast.participant, token)
    with django_assert_num_queries(0):
        assert queries.recent_practices_in(cast.participant, token) == {}
