"""The rail at the side of every page."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.access import SYSTEM
from community.people.models import User
from community.practices.models import Practice
from community.spaces import kinds
from community.spaces.actions import admit, open_space
from community.spaces.kinds import Right, Role
from community.spaces.models import Space
from community.threads.models import Thread
from followup.courses.roles import SpaceRole
from followup.desk import member_spaces
from followup.desk.context import Rail, rail
from tests.cast import ZONE, Cast, close_now
from tests.followup.desk.test_today import another_month
from tests.written import ask_trainer, say


def publish(cast, space, days_ago: int = 0) -> Practice:
    return Practice.objects.create(
        space=space,
        author=cast.trainer,
        title="A practice",
        context="c",
        tried="t",
        happened="h",
        language="en",
        published_at=clock.now() - dt.timedelta(days=days_ago),
    )


def rail_for(user: User | AnonymousUser, path: str = "/me/") -> Rail:
    request = RequestFactory().get(path)
    request.user = User.objects.get(pk=user.pk) if user.pk else user
    return rail(request)["rail"]


def bar_of(client) -> str:
    """The markup of the bar at the bottom of a phone."""
    page = client.get("/me/").content.decode()
    return page[page.index('<nav class="bar"') :]


def test_the_bar_has_at_most_five_places_and_leads_straight_to_an_only_space(cast, as_):
    admit(space=cast.space, user=cast.coordinator, role=SpaceRole.COORDINATOR, by=SYSTEM)
    url = reverse("space", args=[cast.space.pk])
    for user in (cast.participant, cast.trainer, cast.coordinator, cast.evaluator):
        bar = bar_of(as_(user))
        assert bar.count('class="bar__item"') <= 5
        assert (f'class="bar__item" href="{url}"' in bar) == (user != cast.evaluator)
        assert ("Manage</a>" in bar) == (user != cast.participant)
    another_month(cast, 1, user=cast.participant)
    bar = bar_of(as_(cast.participant))
    assert f'class="bar__item" href="{url}"' not in bar
    assert f'class="rail__item" href="{url}"' in bar


def test_the_bar_has_the_chat_for_those_who_talk_there_and_the_desk_for_the_institute(cast, as_):
    admit(space=cast.space, user=cast.coordinator, role=SpaceRole.COORDINATOR, by=SYSTEM)
    room, desk = reverse("space_room", args=[cast.space.pk]), reverse("desk")
    for user in (cast.participant, cast.trainer):
        assert f'class="bar__item" href="{room}"' in bar_of(as_(user))
    bar = bar_of(as_(cast.coordinator))
    assert f'href="{room}"' not in bar
    assert f'class="bar__item" href="{desk}"' in bar


def test_new_messages_are_counted_once_in_the_bar(cast, as_):
    say(cast.space, cast.trainer)
    bar = bar_of(as_(cast.participant))
    assert bar.count('<span class="count">1<') == 1
    assert bar.count("bar__dot") == 1


def test_a_page_without_a_rail_runs_no_query(participant, django_assert_num_queries):
    with django_assert_num_queries(1):  # the person
        rail_for(participant)


def test_it_shows_my_open_spaces_with_news_and_progress(cast):
    Thread.objects.create(space=cast.space, author=cast.trainer, title="Hello", language="en")
    shown = rail_for(cast.participant)
    [member_space] = shown.spaces
    assert (member_space.title, member_space.unread, member_space.current) == (cast.space.title, 1, False)
    assert member_space.mini_timeline.posts == {clock.today("UTC"): 1}
    assert shown.unread == 1
    assert not shown.desk


def test_it_marks_the_space_that_is_being_read(cast):
    assert rail_for(cast.participant, f"/spaces/{cast.space.pk}/people/").spaces[0].current
    assert not rail_for(cast.participant, f"/spaces/{cast.space.pk}1/").spaces[0].current


def test_a_closed_space_is_listed_while_it_is_read_or_has_something_new(cast):
    close_now(cast.space)
    assert rail_for(cast.participant).spaces == []
    assert len(rail_for(cast.participant, f"/spaces/{cast.space.pk}/").spaces) == 1
    publish(cast, cast.space)
    [member_space] = rail_for(cast.participant).spaces
    assert member_space.unread == 1


def test_closed_spaces_are_not_counted_again_on_every_page(cast, monkeypatch):
    closed = [another_month(cast, number, user=cast.participant) for number in range(3)]
    for space in closed:
        Thread.objects.create(space=space, author=cast.trainer, title="Old", language="en")
        publish(cast, space, days_ago=60)
        close_now(space)
    counted: dict[str, set[int]] = {}
    functions = {name: getattr(member_spaces, name) for name in ("new_in", "recent_practices_in")}
    for name in functions:

        def count(user, spaces, name=name, function=functions[name]):
            counted[name] = set(spaces)
            return function(user, spaces)

        monkeypatch.setattr(member_spaces, name, count)
    shown = rail_for(cast.participant)
    assert [member_space.space for member_space in shown.spaces] == [cast.space]
    assert [member_space.unread for member_space in shown.nearest_spaces] == [0, 0, 0, 0]
    assert counted == {"new_in": {cast.space.pk}, "recent_practices_in": {space.pk for space in closed}}


def test_spaces_in_which_nothing_has_changed_cost_one_query(cast, django_assert_num_queries):
    old = another_month(cast, 1, user=cast.trainer)
    publish(cast, old, days_ago=60)
    close_now(old)
    ask_trainer(cast.space, cast.participant)
    for _page in range(2):
        [shown] = rail_for(cast.trainer).months
    page = rail_for(cast.trainer)
    with django_assert_num_queries(1):
        [again] = page.months
    assert again == shown
    assert shown.unread == 1
    ask_trainer(cast.space, cast.participant)
    [changed] = rail_for(cast.trainer).months
    assert changed.unread == 2


def test_a_dismissed_member_does_not_see_the_space(cast):
    cast.participant.memberships.update(dismissed_at=clock.now())
    assert rail_for(cast.participant).spaces == []


def test_visitors_and_broken_pages_have_none():
    shown = rail_for(AnonymousUser())
    assert not shown.spaces
    assert not shown.desk
    bare = rail(RequestFactory().get("/"))["rail"]
    assert not bare.spaces
    assert not bare.desk


def test_staff_and_trainers_have_a_desk(cast):
    assert rail_for(cast.coordinator).desk
    assert rail_for(cast.trainer).desk
    assert rail_for(cast.evaluator, "/desk/months/").desk_current
    assert not rail_for(cast.evaluator, "/me/").desk_current


def test_twelve_spaces_cost_no_more_than_one(cast):
    def queries() -> int:
        shown = rail_for(cast.participant)
        with CaptureQueriesContext(connection) as caught:
            for member_space in shown.spaces:
                assert member_space.mini_timeline.mini.bars
                assert member_space.unread >= 0
            assert shown.desk is False
        return len(caught)

    few = queries()
    for number in range(11):
        another_month(cast, number, user=cast.participant)
    assert queries() == few <= 8


def test_the_rail_has_eight_spaces_that_end_first_and_the_one_being_read(cast, as_):
    spaces = [another_month(cast, number, user=cast.stranger) for number in range(1, 12)]
    shown = rail_for(cast.stranger)
    assert [member_space.space for member_space in shown.spaces] == spaces[:8]
    assert shown.has_more
    shown = rail_for(cast.stranger, f"/spaces/{spaces[-1].pk}/")
    assert [member_space.space for member_space in shown.spaces] == [*spaces[:8], spaces[-1]]
    assert as_(cast.stranger).get("/").content.decode().count(f'href="{reverse("my_months")}"') == 2
    assert not rail_for(cast.participant).has_more


def test_only_the_nearest_spaces_are_counted(cast, monkeypatch):
    monkeypatch.setattr(member_spaces, "NEAREST", 3)
    spaces = [another_month(cast, number, user=cast.stranger) for number in range(1, 10)]
    for space in spaces[5:]:
        close_now(space)
        close = clock.now() - dt.timedelta(days=space.pk)
        Space.objects.filter(pk=space.pk).update(opened_at=close - dt.timedelta(days=40), closes_at=close)
    counted = [each.space for each in rail_for(cast.stranger).nearest_spaces]
    assert counted == [*spaces[:3], *spaces[5:8]]
    farthest = rail_for(cast.stranger, f"/spaces/{spaces[-1].pk}/").nearest_spaces
    assert [each.space for each in farthest] == [*counted, spaces[-1]]


def test_a_conversations_page_marks_its_space(cast, as_):
    thread = Thread.objects.create(space=cast.space, author=cast.trainer, title="Hello", language="en")
    shown = as_(cast.participant).get(f"/threads/{thread.pk}/").content.decode()
    assert f'href="/spaces/{cast.space.pk}/" aria-current="true"' in shown


@pytest.fixture
def club(cast: Cast) -> Iterator[Space]:
    """A space of another kind whose roles have the names of a month's, and other rights."""
    everything = frozenset(Right)
    roles = [
        Role(name=name.value, label=name.label, heading="", rights=rights)
        for name, rights in (
            (SpaceRole.TRAINER, frozenset({Right.SEE})),
            (SpaceRole.PARTICIPANT, everything),
            (SpaceRole.COORDINATOR, everything),
        )
    ]
    kinds.register(kinds.SpaceKind(name="club", roles=tuple(roles)))
    yield open_space(kind="club", title="Club", language="en", time_zone=ZONE)
    del kinds._kinds["club"]


@pytest.mark.parametrize("role", SpaceRole.values)
def test_in_a_space_that_is_no_month_nobody_trains_coordinates_or_takes_part(cast, club, role):
    admit(space=club, user=cast.stranger, role=role, by=SYSTEM)
    shown = rail_for(cast.stranger)
    [member_space] = shown.spaces
    assert [member_space.trains, member_space.coordinates, member_space.takes_part] == [False] * 3
    assert not shown.desk
