"""The desk: whose course groups, months and courses it shows, and how far each has come."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from community.institutes.models import Institute, Staff
from community.spaces.models import Space
from community.threads.models import Thread
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.desk.run_queries import State, local_days, with_state
from followup.months.models import Month, MonthRun
from messaging.models import Room
from tests.cast import ZONE, Cast, close_now, join, person


def run_of(course: Course, first: int, last: int, **more) -> Run:
    """A course group from so many days from now to so many."""
    today = clock.today(course.institute.time_zone)
    return Run.objects.create(
        course=course,
        starts_on=today + dt.timedelta(days=first),
        ends_on=today + dt.timedelta(days=last),
        **more,
    )


def state_of(run: Run) -> str:
    return with_state(Run.objects.filter(pk=run.pk), local_days()).get().state


def shown(client, query: str = "") -> list:
    pks = [run.pk for run in client.get(reverse("desk") + query).context["rows"]]
    return [Run.objects.get(pk=pk) for pk in pks]


def test_a_course_group_is_upcoming_then_under_way_then_waits_for_completions(course):
    assert state_of(run_of(course, 1, 3)) == State.UPCOMING
    assert state_of(run_of(course, 0, 3)) == State.RUNNING
    assert state_of(run_of(course, -3, 0)) == State.RUNNING
    assert state_of(run_of(course, -3, -1)) == State.WAITING


def test_the_day_is_that_of_the_institute(course):
    run = Run.objects.create(course=course, starts_on=dt.date(2026, 3, 9), ends_on=dt.date(2026, 3, 10))
    evening = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)
    with clock.at(evening):
        assert state_of(run) == State.WAITING  # past midnight in Budapest
        Institute.objects.update(time_zone="UTC")
        assert state_of(run) == State.RUNNING


def test_the_last_day_lasts_where_it_is_still_the_day_before(course):
    run = Run.objects.create(course=course, starts_on=dt.date(2026, 3, 9), ends_on=dt.date(2026, 3, 9))
    with clock.at(dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC)):
        assert state_of(run) == State.WAITING
        Institute.objects.update(time_zone="America/New_York")
        assert state_of(run) == State.RUNNING


def test_with_its_list_the_month_is_open_and_then_closed(run, space):
    assert state_of(run) == State.OPEN
    close_now(space)
    assert state_of(run) == State.CLOSED


def test_a_month_opened_by_date_still_waits_for_its_completions(run, awaiting):
    Run.objects.update(completed_at=None)
    assert state_of(run) == State.WAITING
    Enrolment.objects.filter(user=awaiting).delete()
    assert state_of(run) == State.OPEN


def test_a_month_opened_in_the_room_on_the_last_day_is_open(run):
    Run.objects.update(completed_at=None, ends_on=clock.today(ZONE))
    assert state_of(run) == State.OPEN


def test_who_has_a_desk(cast, as_):
    for who in ("participant", "awaiting", "stranger", "moderator"):
        assert as_(cast.who(who)).get(reverse("desk")).status_code == 404
    for who in ("trainer", "coordinator", "evaluator", "other_coordinator"):
        assert as_(cast.who(who)).get(reverse("desk")).status_code == 200


def test_a_trainer_has_a_desk_before_any_month_opens(course, stranger, as_):
    RunTrainer.objects.create(run=run_of(course, 3, 5), user=stranger)
    assert as_(stranger).get(reverse("desk")).status_code == 200


def test_a_trainer_sees_their_own_course_groups_only(cast, as_):
    run_of(cast.course, 3, 5)
    assert shown(as_(cast.trainer)) == [cast.run]
    assert len(shown(as_(cast.coordinator))) == 2
    assert shown(as_(cast.other_coordinator)) == []


def test_somebody_at_two_institutes_sees_both_by_name(cast, as_):
    Staff.objects.create(institute=cast.other_institute, user=cast.coordinator, role="coordinator")
    there = Course.objects.create(
        institute=cast.other_institute, title="Reading", slug="reading", language="en"
    )
    run_of(there, 1, 2)
    answer = as_(cast.coordinator).get(reverse("desk"))
    assert len(answer.context["rows"]) == 2
    assert "Other Institute" in answer.content.decode()
    columns = re.findall(r'<th scope="col">(\w+)</th>', answer.content.decode())
    assert "Institute" in columns
    assert "Other Institute" not in as_(cast.evaluator).get(reverse("desk")).content.decode()


def test_only_a_few_institutes_of_many_stand_above_the_desk(cast, as_):
    for number in range(10):
        institute = Institute.objects.create(name=f"School {number}", slug=f"s{number}", country="HU")
        Staff.objects.create(institute=institute, user=cast.coordinator, role=Staff.Role.COORDINATOR)
    response = as_(cast.coordinator).get(reverse("desk"))
    assert len(response.context["institutes"]) == 8
    assert f'href="{reverse("desk_institutes")}">and 3 more institutes' in response.content.decode()
    every = as_(cast.coordinator).get(reverse("desk_institutes")).content.decode()
    assert all(
        institute.name in every for institute in Institute.objects.filter(staff__user=cast.coordinator)
    )
    found = as_(cast.coordinator).get(reverse("desk_institutes") + "?q=school+7").content.decode()
    assert "School 7" in found
    assert "School 8" not in found
    assert (
        "begin with “zebra”"
        in as_(cast.coordinator).get(reverse("desk_institutes") + "?q=zebra").content.decode()
    )


def test_the_list_can_be_narrowed_to_a_state(cast, as_):
    coming = run_of(cast.course, 3, 5)
    client = as_(cast.coordinator)
    assert shown(client, "?state=upcoming") == [coming]
    assert shown(client, "?state=open") == [cast.run]
    assert shown(client, "?state=waiting") == []
    assert len(shown(client, "?state=nonsense")) == 2
    counts = client.get(reverse("desk")).context["states"]
    assert counts == [(State.UPCOMING, 1), (State.OPEN, 1)]


def test_enrolled_and_completed_are_counted(cast, as_):
    [row] = as_(cast.coordinator).get(reverse("desk")).context["rows"]
    assert (row.completed, row.enrolled) == (2, 3)


def test_only_managers_of_a_course_group_are_asked_for_its_completions(cast, as_):
    run_of(cast.course, -9, -7)
    label = "Add completions"
    assert label in as_(cast.coordinator).get(reverse("desk")).content.decode()
    assert label not in as_(cast.evaluator).get(reverse("desk")).content.decode()


def test_the_office_has_course_groups_and_completions_only(cast, as_):
    office = person("Olga Office")
    Staff.objects.create(institute=cast.institute, user=office, role=Staff.Role.OFFICE)
    run_of(cast.course, -9, -7)
    client = as_(office)
    desk = client.get(reverse("desk")).content.decode()
    assert "Add completions" in desk
    assert reverse("space", args=[cast.space.pk]) not in desk
    assert reverse("desk_months") not in desk
    assert client.get(reverse("desk_courses")).status_code == 404
    assert client.get(reverse("desk_months")).context["rows"] == []


def test_months_are_ordered_by_their_end_and_have_figures(cast, as_):
    for number in range(3):
        join(cast.space, person(f"More {number}"))
    for audience in Thread.Audience.values:
        Thread.objects.create(
            space=cast.space,
            author=cast.participant,
            title="?",
            language="en",
            kind="question",
            audience=audience,
        )
    [month] = as_(cast.coordinator).get(reverse("desk_months")).context["rows"]
    assert (month.people, month.questions) == (6, 1)
    assert month.position == "Day 13 of 32"
    close_now(cast.space)
    client = as_(cast.evaluator)
    assert client.get(reverse("desk_months")).context["rows"] == []
    assert len(client.get(reverse("desk_months") + "?talk=closed").context["rows"]) == 1


def test_months_of_one_course_are_told_apart_by_the_label_of_their_group(cast, as_):
    Run.objects.filter(month_run__month__space=cast.space).update(label="Spring group")
    page = as_(cast.coordinator).get(reverse("desk_months")).content.decode()
    assert "<p>Spring group</p>" in page


def test_fewer_than_five_people_are_no_figure(cast, as_):
    assert "fewer than five people" in as_(cast.coordinator).get(reverse("desk_months")).content.decode()


def test_courses_lead_to_a_new_course_group_for_coordinators(cast, as_):
    new = reverse("run_new", args=[cast.course.slug])
    assert new in as_(cast.coordinator).get(reverse("desk_courses")).content.decode()
    assert new not in as_(cast.evaluator).get(reverse("desk_courses")).content.decode()
    assert cast.course.title not in as_(cast.other_coordinator).get(reverse("desk_courses")).content.decode()


def test_an_institute_without_courses_begins_with_one(cast, as_):
    client = as_(cast.other_coordinator)
    assert client.get(reverse("desk_courses")).content.decode().count(reverse("course_new")) == 2
    assert "Start with its course." in client.get(reverse("desk")).content.decode()


def test_a_list_is_searched_by_the_beginnings_of_words(cast, as_):
    spring = run_of(cast.course, 3, 5, label="Spring group", place="Łódź")
    client = as_(cast.coordinator)
    assert shown(client, "?q=lodz") == [spring]
    assert shown(client, "?q=form+spring") == [spring]
    assert len(shown(client, "?q=formative")) == 2
    assert shown(client, "?q=lodz&state=open") == []
    assert "begin with “zebra”" in client.get(reverse("desk") + "?q=zebra").content.decode()
    months = reverse("desk_months")
    assert len(client.get(months + "?q=assess").context["rows"]) == 1
    assert "begin with “zebra”" in client.get(months + "?q=zebra").content.decode()
    courses = reverse("desk_courses")
    assert cast.course.title in client.get(courses + "?q=assess").content.decode()
    assert cast.course.title not in client.get(courses + "?q=zebra").content.decode()


def test_a_search_keeps_the_state_that_was_chosen(cast, as_):
    page = as_(cast.coordinator).get(reverse("desk") + "?state=open&q=form").content.decode()
    assert '<input type="hidden" name="state" value="open">' in page
    assert f'href="{reverse("desk")}?state=open">See all</a>' in page


def test_a_state_that_is_chosen_keeps_the_search_and_says_how_many_were_found(cast, as_):
    run_of(cast.course, 3, 5, label="Spring group")
    run_of(cast.course, 4, 6, label="Autumn group")
    response = as_(cast.coordinator).get(reverse("desk") + "?q=spring")
    assert response.context["states"] == [(State.UPCOMING, 1), (State.OPEN, 0)]
    assert f'href="{reverse("desk")}?state=upcoming&amp;q=spring"' in response.content.decode()
    assert (
        "?talk=closed&amp;q=spring"
        in as_(cast.coordinator).get(reverse("desk_months") + "?q=spring").content.decode()
    )


def test_all_months_of_a_member_have_pages_and_are_searched(cast, as_):
    spaces = []
    for number in range(22):
        space = Space.objects.create(
            kind="follow-up",
            institute=cast.institute,
            title=f"Reading {number}",
            language="en",
            opened_at=cast.space.opened_at,
            closes_at=cast.space.closes_at + dt.timedelta(days=number),
            time_zone=ZONE,
            room=Room.objects.create(),
        )
        join(space, cast.stranger)
        spaces.append(space)
    close_now(spaces[0])
    client, url = as_(cast.stranger), reverse("my_months")
    first, second = client.get(url), client.get(url + "?page=2")
    listed = [*first.context["member_spaces"], *second.context["member_spaces"]]
    assert [each.space for each in listed] == [*spaces[1:], spaces[0]]
    assert len(first.context["member_spaces"]) == 12
    assert [each.title for each in client.get(url + "?q=read+21").context["member_spaces"]] == ["Reading 21"]
    assert "begin with “zebra”" in client.get(url + "?q=zebra").content.decode()
    assert cast.space.title not in first.content.decode()
    assert "No follow-up yet" in as_(cast.moderator).get(url).content.decode()


def more_of_everything(cast: Cast, count: int) -> None:
    for number in range(count):
        key = Space.objects.count()
        institute = Institute.objects.create(name=f"School {key}", slug=f"s-{key}", country="HU")
        Staff.objects.create(institute=institute, user=cast.coordinator, role=Staff.Role.COORDINATOR)
        course = Course.objects.create(
            institute=cast.institute, title=f"C {key}", slug=f"c-{key}", language="en"
        )
        run = run_of(course, -9, -7, completed_at=clock.now())
        space = Space.objects.create(
            kind="follow-up",
            institute=cast.institute,
            title=course.title,
            language="en",
            closes_at=cast.space.closes_at,
            time_zone=cast.space.time_zone,
            room=Room.objects.create(),
        )
        month = Month.objects.create(
            space=space, course=course, opened_on=cast.month.opened_on, opened_by=Month.OpenedBy.DATE
        )
        MonthRun.objects.create(month=month, run=run)
        Enrolment.objects.create(run=run, user=cast.participant)
        Enrolment.objects.create(run=run, user=cast.trainer)
        RunTrainer.objects.create(run=run, user=cast.trainer)
        join(space, cast.trainer, SpaceRole.TRAINER)
        Thread.objects.create(space=space, author=cast.trainer, title=str(number), language="en")


@pytest.mark.parametrize("who", ["trainer", "coordinator"])
@pytest.mark.parametrize("name", ["desk", "desk_months", "desk_courses", "desk_institutes", "my_months"])
def test_the_queries_of_the_desk_do_not_grow(cast, as_, name, who):
    def queries() -> int:
        as_(cast.who(who)).get(reverse(name))  # counts what is new
        with CaptureQueriesContext(connection) as caught:
            as_(cast.who(who)).get(reverse(name))
        return len(caught)

    more_of_everything(cast, 1)
    few = queries()
    more_of_everything(cast, 14)
    assert queries() == few
