"""An institute moves to another time zone: the dates of open months stay the same."""

import pytest
from django.urls import reverse

from common import clock
from community.spaces.models import Space
from followup.courses.models import Run
from followup.months import actions, dates
from tests.cast import ZONE


def end_of(space):
    """The end of a month as the database and the pages show it."""
    space = Space.objects.get(pk=space.pk)
    occasions = space.month.occasions.order_by("pk").values_list("kind", "due_at")
    return (
        space.last_day,
        space.closes_at,
        actions.end_after(space.month, space.month.opened_on),
        [*occasions],
    )


@pytest.mark.parametrize("zone", ["Europe/Vilnius", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_last_day_stays_where_it_was_and_later_months_go_by_the_new_zone(
    as_, cast, course, coordinator, zone
):
    before = end_of(cast.space)
    form = {"name": "Institute", "language": "en", "time_zone": zone, "about": ""}
    as_(coordinator).post(reverse("institute_edit", args=[cast.institute.slug]), form)
    assert end_of(cast.space) == before
    assert Space.objects.get(pk=cast.space.pk).time_zone == ZONE
    course = type(course).objects.get(pk=course.pk)
    today = clock.today(zone)
    run = Run.objects.create(course=course, starts_on=today, ends_on=today)
    month = actions.open_month(run=run, by=coordinator, how="coordinator")
    assert month.opened_on == today
    assert month.space.last_day == dates.last_day(today, 1)
    assert month.space.closes_at == dates.closes_at(month.space.last_day, zone)
