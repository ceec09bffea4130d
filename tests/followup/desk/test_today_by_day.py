"""Today on a first day, with nothing to do, and while one waits; and that it says each thing once."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from common import clock
from common.dates import day_in_words
from community.people.models import User
from followup.months.dates import last_day_before
from followup.months.models import Month, MonthPrompt
from tests.cast import ZONE, close_now
from tests.followup.desk.test_today import another_month, page, practice, question, thread
from tests.written import say


def test_a_day_with_nothing_to_do_has_one_offer_and_claims_nothing_of_what_others_see(cast, as_):
    thread(cast.space, cast.participant)
    evaluator = page(as_(cast.evaluator))
    assert "Nothing’s waiting for you today" in evaluator
    assert "new has been written" not in evaluator
    assert evaluator.count("Go to Manage") == 1
    close_now(cast.space)
    assert "Your follow-ups are over" in page(as_(cast.participant))


def test_who_joined_today_is_told_what_this_place_is_and_has_one_button_to_press(cast, as_):
    loud = re.compile(r'class="button"')
    for user, words in (
        (cast.participant, "you each try things at work"),
        (cast.trainer, "ask you about them"),
        (cast.coordinator, "Under Manage"),
    ):
        assert words not in page(as_(user))
        User.objects.filter(pk=user.pk).update(joined_at=clock.now())
        shown = page(as_(user))
        assert words in shown
        assert len(loud.findall(shown)) == 1
        with clock.at(clock.now() + dt.timedelta(days=1)):
            assert words not in page(as_(user))
    User.objects.filter(pk=cast.stranger.pk).update(joined_at=clock.now())
    assert "Your place is ready" in page(as_(cast.stranger))


def test_who_awaits_a_confirmation_is_told_until_when_and_what_to_do(cast, as_):
    last_day = cast.awaiting.memberships.get().awaiting_until
    shown = page(as_(cast.awaiting))
    assert shown.count("hasn’t been confirmed yet") == 1
    assert f"Until the end of {day_in_words(last_day_before(last_day, ZONE))}" in shown
    assert "ask the trainer or the institute to confirm it" in shown
    assert "hasn’t been confirmed yet" not in page(as_(cast.participant))


def test_an_only_course_is_named_once_and_several_at_each_row(cast, as_):
    question(cast.space, cast.another_participant, "How long?")
    practice(cast.space, cast.trainer)

    def named():
        shown = page(as_(cast.participant))
        return shown[shown.index("<main") : shown.index("</main")].count(cast.space.title)

    assert named() == 1
    another_month(cast, 1, user=cast.participant)
    assert named() > 1


def test_on_the_first_days_the_prompt_asks_what_one_will_try(cast, as_):
    def buttons():
        shown = page(as_(cast.participant))
        return "Say what you’ll try" in shown, "Share what you tried" in shown

    MonthPrompt.objects.exclude(position=0).delete()
    assert buttons() == (False, True)
    Month.objects.update(opened_on=clock.today(ZONE) - dt.timedelta(days=2))
    assert buttons() == (True, False)
    practice(cast.space, cast.participant)
    assert buttons() == (False, True)


def test_each_number_of_what_is_new_leads_there_and_they_add_up_to_the_one_in_the_bar(cast, as_):
    thread(cast.space, cast.trainer)
    practice(cast.space, cast.trainer)
    say(cast.space, cast.trainer)
    shown = page(as_(cast.participant))
    for name, words in (
        ("space", "1 new conversation"),
        ("space_practices", "1 new write-up"),
        ("space_room", "1 new chat message"),
    ):
        assert f'<a href="{reverse(name, args=[cast.space.pk])}">{words}</a>' in shown
    assert shown.count('<span class="count">3<') == 2  # in the rail and in the bar


@pytest.mark.parametrize(("who", "number"), [("participant", 8), ("trainer", 11), ("coordinator", 11)])
def test_the_page_takes_one_statement_for_each_sort_of_thing(
    cast, as_, who, number, django_assert_max_num_queries
):
    question(cast.space, cast.another_participant, "How long?")
    practice(cast.space, cast.another_participant)
    client = as_(cast.who(who))
    page(client)
    with django_assert_max_num_queries(number):
        page(client)
