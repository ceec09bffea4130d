"""The page of a day of a month: what was said then, for who may read it, and the way to the other days."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from common import clock
from community.posts.actions import withdraw
from followup.live_hours.models import LiveHour
from followup.overview import day_queries
from tests import written
from tests.cast import ZONE, Cast


def day_of(cast: Cast, number: int) -> dt.date:
    """The day of the month with this number, counted from 1."""
    return cast.month.opened_on + dt.timedelta(days=number - 1)


def url_of(cast: Cast, day: dt.date) -> str:
    return reverse("month_day", args=[cast.month.pk, day.isoformat()])


def noon(day: dt.date) -> dt.datetime:
    return clock.start_of_day(day, ZONE) + dt.timedelta(hours=12)


@pytest.fixture
def read(cast: Cast, as_: Callable) -> Callable[..., str]:
    """The page of a day as somebody reads it."""

    def get(number: int, reader: object = None) -> str:
        answer = as_(reader or cast.participant).get(url_of(cast, day_of(cast, number)))
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def test_a_day_shows_what_was_said_on_it_and_nothing_else(cast: Cast, read: Callable) -> None:
    with clock.at(noon(day_of(cast, 3))):
        thread = written.start(cast.space, cast.participant, title="Group work", text="In threes.")
        written.publish(cast.space, cast.trainer, title="Silent start", setting="Year 7")
        written.say(cast.space, cast.trainer, "Who has tried it?")
    with clock.at(noon(day_of(cast, 4))):
        written.reply_to(thread, cast.another_participant, "In fours for me.")
    third, fourth, fifth = read(3), read(4), read(5)
    for words in ("Group work", "In threes.", "Silent start", "Year 7", "Who has tried it?"):
        assert words in third
    assert "In fours for me." not in third
    assert "In fours for me." in fourth
    assert "Group work" in fourth
    assert "In threes." not in fourth
    assert "Nothing was written that day" in fifth
    assert "Nothing was written that day" not in third


def test_what_was_deleted_is_not_shown(cast: Cast, read: Callable) -> None:
    with clock.at(noon(day_of(cast, 3))):
        thread = written.start(cast.space, cast.participant, title="Group work")
        withdraw(post=written.reply_to(thread, cast.trainer, "Said in haste."), by=cast.trainer)
        withdraw(
            post=written.start(cast.space, cast.participant, title="Begun in haste"), by=cast.participant
        )
    page = read(3)
    assert "Group work" in page
    assert "in haste" not in page


def test_a_question_to_the_trainer_is_shown_to_who_may_read_it(cast: Cast, read: Callable) -> None:
    with clock.at(noon(day_of(cast, 3))):
        written.ask_trainer(cast.space, cast.participant, title="Between us")
    assert "Between us" in read(3)
    assert "Between us" in read(3, cast.trainer)
    assert "Between us" not in read(3, cast.another_participant)
    assert "Between us" not in read(3, cast.evaluator)


def test_the_chat_is_shown_to_who_is_in_it(cast: Cast, read: Callable) -> None:
    with clock.at(noon(day_of(cast, 3))):
        written.say(cast.space, cast.trainer, "Who has tried it?")
    assert "Who has tried it?" in read(3, cast.awaiting)
    assert "Who has tried it?" not in read(3, cast.evaluator)


def test_the_live_hour_of_a_day_is_told(cast: Cast, read: Callable) -> None:
    starts_at = noon(day_of(cast, 3))
    LiveHour.objects.create(
        month=cast.month,
        title="Exit tickets",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=1),
        announced_by=cast.trainer,
    )
    assert "Live hour, 12:00–13:00" in read(3)
    assert "Live hour, 12:00–13:00" not in read(4)


def test_the_day_is_that_of_the_reader(cast: Cast, as_: Callable) -> None:
    with clock.at(clock.start_of_day(day_of(cast, 4), ZONE) + dt.timedelta(minutes=30)):
        written.start(cast.space, cast.trainer, title="After midnight")
    cast.participant.time_zone = "Europe/London"
    cast.participant.save()
    client = as_(cast.participant)
    assert "After midnight" in client.get(url_of(cast, day_of(cast, 3))).content.decode()
    # The list of what is new names it, so only the day's own part counts.
    assert "Nothing was written that day" in client.get(url_of(cast, day_of(cast, 4))).content.decode()


def links_of(page: str, rel: str) -> list[str]:
    return re.findall(rf'rel="{rel}" href="([^"]+)"', page)


def test_the_way_leads_to_the_day_before_and_after_within_the_month(cast: Cast, read: Callable) -> None:
    first, second, today = read(1), read(2), read(13)
    assert links_of(first, "prev") == []
    assert links_of(first, "next") == [url_of(cast, day_of(cast, 2))]
    assert links_of(second, "prev") == [url_of(cast, day_of(cast, 1))]
    assert links_of(today, "next") == []


def test_what_is_no_date_is_not_found_and_a_day_has_one_address(cast: Cast, as_: Callable) -> None:
    for day in ("2026-13-41", "tomorrow", f"{day_of(cast, 1):%Y%m%d}"):
        url = reverse("month_day", args=[cast.month.pk, day])
        assert as_(cast.participant).get(url).status_code == 404


def test_days_to_come_and_outside_the_month_are_not_found(cast: Cast, as_: Callable) -> None:
    for number in (0, 14, 40):
        assert as_(cast.participant).get(url_of(cast, day_of(cast, number))).status_code == 404


def test_all_days_are_listed_with_how_much_was_written(cast: Cast, read: Callable) -> None:
    with clock.at(noon(day_of(cast, 3))):
        written.reply_to(written.start(cast.space, cast.participant), cast.trainer)
    page = read(1)
    for number in range(1, 14):
        assert url_of(cast, day_of(cast, number)) in page
    assert ": 2 things written</span>" in page


def test_of_a_long_month_a_week_is_read(cast: Cast, as_: Callable) -> None:
    cast.space.closes_at = clock.start_of_day(day_of(cast, 92), ZONE)
    cast.space.save()
    with clock.at(noon(day_of(cast, 3))):
        written.start(cast.space, cast.participant, title="In the first week")
    client = as_(cast.participant)
    week = client.get(url_of(cast, day_of(cast, 5))).content.decode()
    assert "In the first week" in week
    assert links_of(week, "next") == [url_of(cast, day_of(cast, 8))]
    after = client.get(url_of(cast, day_of(cast, 8))).content.decode()
    assert "Nothing was written that week" in after


def test_a_long_day_is_cut_and_says_so(cast: Cast, read: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "More was written than fits here" not in read(3)
    monkeypatch.setattr("followup.overview.day_shown.MOST_OF_A_KIND", 2)
    with clock.at(noon(day_of(cast, 3))):
        for _number in range(2):
            written.say(cast.space, cast.trainer)
    assert day_queries.MOST_OF_A_KIND > 2
    assert "More was written than fits here" in read(3)


def test_a_full_day_takes_no_more_statements_than_an_empty_one(
    cast: Cast, as_: Callable, django_assert_max_num_queries: Callable
) -> None:
    with clock.at(noon(day_of(cast, 3))):
        for _number in range(12):
            thread = written.start(cast.space, cast.participant)
            written.reply_to(thread, cast.trainer)
            written.publish(cast.space, cast.another_participant)
            written.say(cast.space, cast.trainer)
    client = as_(cast.participant)
    client.get(url_of(cast, day_of(cast, 5)))
    for number in (5, 3):
        with django_assert_max_num_queries(6):
            client.get(url_of(cast, day_of(cast, number)))
