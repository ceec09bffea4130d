"""Today of somebody who is in many months: every list is bounded, and the rest is on a page of its own."""

import datetime as dt

from django.urls import reverse

from common import clock
from community.spaces.models import Space
from followup.courses.roles import SpaceRole
from followup.desk import member_spaces
from followup.live_hours.models import LiveHour
from followup.months.models import MonthPrompt
from tests.cast import close_now, join
from tests.followup.desk.test_today import another_month, listed, practice, queries, question, reply


def test_forty_months_cost_no_more_queries_than_twenty_and_the_page_stays_small(cast, as_):
    def months(numbers):
        for number in numbers:
            space = another_month(cast, number, user=cast.trainer, role=SpaceRole.TRAINER)
            join(space, cast.coordinator, SpaceRole.COORDINATOR)
            join(space, cast.participant)
            practice(space, cast.another_participant)
            question(space, cast.another_participant)

    clients = [as_(cast.who(who)) for who in ("participant", "trainer", "coordinator")]
    months(range(1, 21))
    few = [queries(client) for client in clients]
    sizes = [len(client.get("/").content) for client in clients]
    months(range(21, 41))
    assert [queries(client) for client in clients] == few
    for client, size in zip(clients, sizes, strict=True):
        response = client.get("/")
        assert len(response.content) < size + 2_000
        assert reverse("my_months") in response.content.decode()


def test_every_list_is_bounded_for_somebody_in_many_months(cast, as_):
    for number in range(1, 12):
        space = another_month(cast, number, user=cast.trainer, role=SpaceRole.TRAINER)
        join(space, cast.another_participant)
        join(space, cast.participant)
        practice(space, cast.another_participant)
        LiveHour.objects.create(
            month=space.month,
            title="Talk",
            starts_at=clock.now() + dt.timedelta(hours=number),
            ends_at=clock.now() + dt.timedelta(hours=number + 1),
            announced_by=cast.trainer,
        )
    for number in range(12, 23):
        close_now(another_month(cast, number, user=cast.trainer, role=SpaceRole.TRAINER))
    Space.objects.open().update(closes_at=clock.now() + dt.timedelta(days=3))
    shown = as_(cast.trainer).get("/").context["today"]
    lists = (shown.hours, shown.rooms_to_enter, shown.news, shown.closing, shown.closed)
    assert [len(each) for each in (*lists, shown.training.not_yet)] == [8] * 6
    assert shown.has_more
    shown = as_(cast.participant).get("/").context["today"]
    assert [len(shown.weeks), len(shown.news), len(shown.quiet)] == [8, 8, 0]


def test_quiet_months_are_bounded_and_news_does_not_make_others_quiet(cast, as_):
    MonthPrompt.objects.all().delete()
    for number in range(1, 12):
        space = another_month(cast, number, user=cast.participant)
        space.month.prompts.all().delete()
        if number % 2:
            practice(space, cast.trainer)
    shown = as_(cast.participant).get("/").context["today"]
    assert [news.member_space.title for news in shown.news] == [f"Space {n}" for n in range(1, 12, 2)]
    quiet = [member_space.title for member_space in shown.quiet]
    assert quiet == [cast.space.title, *(f"Space {n}" for n in range(2, 11, 2))]
    assert not shown.has_more


def test_a_reply_to_my_question_in_a_month_that_is_not_counted_is_listed(cast, as_, monkeypatch):
    monkeypatch.setattr(member_spaces, "NEAREST", 1)
    asked = question(another_month(cast, 1, user=cast.participant), cast.participant)
    reply(asked, cast.trainer)
    assert listed(as_(cast.participant).get("/").context["today"].replies_to_me) == [asked]


def test_a_closed_month_is_drawn_with_the_days_on_which_something_was_written(cast, as_):
    practice(cast.space, cast.participant)
    close_now(cast.space)
    (shown,) = as_(cast.participant).get(reverse("my_months")).context["member_spaces"]
    assert sum(shown.mini_timeline.posts.values()) == 1
