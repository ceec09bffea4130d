"""The notifications of a month: once, to the right people, until they open the space."""

import datetime as dt
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.urls import reverse

from common import clock
from community.people.models import User
from community.spaces.actions import move_end, read_along
from followup.courses.models import Enrolment, Run, RunTrainer
from followup.months import actions, jobs, reminders
from followup.months.models import Month, Occasion
from messaging.notifications.bell import unseen_count
from messaging.notifications.models import Notification
from messaging.notifications.queries import items_of, with_text
from tests.cast import ZONE, Cast, person


def notifications_of(user: User) -> list[str]:
    user = User.objects.get(pk=user.pk)
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


def do(month: Month, kind: str, position: int = 0) -> None:
    """Create an occasion of this kind that is due now, and do it."""
    Occasion.objects.filter(month=month, kind=kind).delete()
    Occasion.objects.create(month=month, kind=kind, position=position, due_at=clock.now())
    jobs.sweep_occasions()


def test_admitted_people_are_notified_that_the_month_is_open(cast: Cast) -> None:
    today = clock.today(ZONE)
    run = Run.objects.create(course=cast.course, starts_on=today, ends_on=today)
    guest = User.objects.create_user("Not Joined", "not.joined@school.test")
    for user in (cast.participant, guest):
        Enrolment.objects.create(run=run, user=user, completed_at=clock.now())
    RunTrainer.objects.create(run=run, user=cast.trainer)
    for _ in range(2):
        actions.open_month(run=run, how=Month.OpenedBy.COORDINATOR, by=cast.coordinator)
    opened = ["Your follow-up is open: Formative assessment in practice"]
    assert notifications_of(cast.participant) == notifications_of(cast.trainer) == opened
    assert notifications_of(cast.coordinator) == []
    assert guest.notifications.count() == 0


def test_participants_are_notified_of_the_weekly_prompt(cast: Cast) -> None:
    read_along(space=cast.space, user=cast.another_participant, on=True)
    do(cast.month, Occasion.Kind.PROMPT, position=1)
    assert notifications_of(cast.participant) == ["This week: Week 2"]
    assert notifications_of(cast.another_participant) == notifications_of(cast.trainer) == []


def test_a_later_prompt_replaces_the_one_before(cast: Cast) -> None:
    for position in (1, 2):
        do(cast.month, Occasion.Kind.PROMPT, position)
    assert notifications_of(cast.participant) == ["This week: Week 3"]
    assert unseen_count(cast.participant) == 1


def test_members_are_notified_before_the_end_and_at_the_end(cast: Cast) -> None:
    do(cast.month, Occasion.Kind.DAY_BEFORE)
    assert notifications_of(cast.trainer)[0].startswith("Discussion open until ")
    move_end(space=cast.space, closes_at=clock.now())
    do(cast.month, Occasion.Kind.CLOSED)
    assert (
        notifications_of(cast.trainer)[0]
        == "The discussion is over, the work goes on: Formative assessment in practice"
    )


def test_all_but_the_author_are_notified_of_an_extension(cast: Cast) -> None:
    last_day = cast.space.last_day + dt.timedelta(days=7)
    reminders.schedule_end(cast.month)
    actions.extend(month=cast.month, last_day=last_day, reason="Exams.", stays=False, by=cast.coordinator)
    assert notifications_of(cast.participant)[0].startswith("Extended until ")
    assert notifications_of(cast.coordinator) == []


def test_each_notification_has_its_own_mail_and_no_digest(cast: Cast) -> None:
    do(cast.month, Occasion.Kind.PROMPT, position=1)
    assert not Notification.objects.filter(mailed_at=None).exists()


def test_opening_the_space_marks_the_notifications_of_its_month_as_seen(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    do(cast.month, Occasion.Kind.PROMPT, position=1)
    do(cast.month, Occasion.Kind.WEEK_BEFORE)
    assert unseen_count(cast.participant) == 2
    as_(cast.participant).get(reverse("space", args=[cast.space.pk]))
    assert unseen_count(cast.participant) == 0


def test_whose_completion_is_undone_is_not_notified_any_more(cast: Cast) -> None:
    do(cast.month, Occasion.Kind.PROMPT, position=1)
    actions.undo_admissions(month=cast.month, users=[cast.participant])
    assert notifications_of(cast.participant) == []


def test_notifying_a_whole_space_costs_as_many_queries_as_one(
    cast: Cast, django_assert_num_queries: Callable
) -> None:
    from followup.months import news

    occasion = Occasion.objects.create(
        month=cast.month, kind=Occasion.Kind.CLOSED, due_at=clock.now(), done_at=clock.now()
    )
    people = [person(f"Reader {number}") for number in range(30)]
    news.notify_closed(occasion, people[:1])
    with django_assert_num_queries(6 if connection.vendor == "postgresql" else 8):
        news.notify_closed(occasion, people)
    assert Notification.objects.filter(kind="closed").count() == 30
