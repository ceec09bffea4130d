"""Today: what is listed for whom, in a fixed number of queries."""

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from community.people.models import Draft, User
from community.practices import queries as practices
from community.practices.models import Practice
from community.spaces.actions import dismiss_member
from community.spaces.models import Membership, Space
from community.threads import queries as threads
from community.threads.models import Reply, Thread, ThreadVisit
from followup.courses.models import CompletionBatch, Run
from followup.courses.roles import SpaceRole
from followup.months.models import Extension, Month, MonthPrompt
from messaging.models import Room
from tests.cast import ZONE, Cast, close_now, join, person


def page(client: Client) -> str:
    return client.get(reverse("today")).content.decode()


def thread(space: Space, author: User, title: str = "Exit tickets", **more) -> Thread:
    return Thread.objects.create(space=space, author=author, title=title, language="en", **more)


def question(space: Space, author: User, title: str = "How long?", **more) -> Thread:
    return thread(space, author, title, kind=Thread.Kind.QUESTION, **more)


def reply(to: Thread, author: User, **more) -> Reply:
    to.last_number += 1
    to.last_post_at = clock.now()
    to.save()
    return Reply.objects.create(
        thread=to, number=to.last_number, author=author, text="So.", html="<p>So.</p>", language="en", **more
    )


def practice(space: Space, author: User, title: str = "Thumbs up") -> Practice:
    return Practice.objects.create(
        space=space,
        author=author,
        title=title,
        context_html="",
        tried_html="",
        happened_html="",
        language="en",
        published_at=clock.now(),
    )


def listed(questions) -> list[Thread]:
    return [Thread.objects.get(pk=question.pk) for question in questions]


def another_month(
    cast: Cast,
    number: int,
    *,
    user: User,
    role: str = SpaceRole.PARTICIPANT,
    pk: int | None = None,
) -> Space:
    space = Space.objects.create(
        pk=pk,
        kind="follow-up",
        institute=cast.institute,
        title=f"Space {number}",
        language="en",
        opened_at=cast.space.opened_at,
        closes_at=cast.space.closes_at + dt.timedelta(days=number),
        time_zone=cast.space.time_zone,
        room=Room.objects.create(),
    )
    month = Month.objects.create(
        space=space, course=cast.course, opened_on=cast.month.opened_on, opened_by=Month.OpenedBy.DATE
    )
    MonthPrompt.objects.create(
        month=month, position=0, on=month.opened_on, step="tried", title="Try", text="Try it."
    )
    join(space, user, role)
    return space


def test_a_user_without_spaces_sees_what_will_come(cast, as_):
    assert "Your place is ready" in page(as_(cast.stranger))


def test_a_participant_sees_this_weeks_prompt_and_their_progress(cast, as_):
    shown = as_(cast.participant).get("/").context["today"]
    assert [week.prompt.title for week in shown.weeks] == ["Week 2"]
    assert not shown.weeks[0].steps.shared
    practice(cast.space, cast.participant)
    assert as_(cast.participant).get("/").context["today"].weeks[0].steps.shared


def test_trainers_and_closed_months_have_no_weekly_prompt(cast, as_):
    assert not as_(cast.trainer).get("/").context["today"].weeks
    close_now(cast.space)
    shown = as_(cast.participant).get("/").context["today"]
    assert not shown.weeks
    assert [member_space.space for member_space in shown.closed] == [cast.space]


def test_new_posts_are_counted_exactly_and_listed(cast, as_):
    conversation = thread(cast.space, cast.trainer)
    reply(conversation, cast.another_participant)
    practice(cast.space, cast.another_participant)
    thread(cast.space, cast.participant, "My own")
    shown = as_(cast.participant).get("/").context["today"]
    [news] = shown.news
    assert (news.member_space.new_threads, news.member_space.new_practices) == (1, 1)
    assert [one.title for one in news.threads] == ["Exit tickets"]
    assert [one.title for one in news.practices] == ["Thumbs up"]
    threads.mark_seen(conversation, cast.participant, first=1, last=1)
    practices.mark_seen(Practice.objects.get(), cast.participant)
    assert not as_(cast.participant).get("/").context["today"].news


def test_a_reply_makes_a_read_conversation_new_again_and_its_link_goes_there(cast, as_):
    conversation = thread(cast.space, cast.trainer)
    ThreadVisit.objects.create(thread=conversation, user=cast.participant, number=0)
    reply(conversation, cast.trainer)
    shown = page(as_(cast.participant))
    assert reverse("thread", args=[conversation.pk]) + "#first-unread" in shown


def test_only_the_newest_few_of_each_space_are_listed(cast, as_):
    for number in range(7):
        thread(cast.space, cast.trainer, f"Conversation {number}")
    [news] = as_(cast.participant).get("/").context["today"].news
    assert len(news.threads) == 3
    assert news.member_space.new_threads == 7


def test_a_question_that_is_on_the_page_already_is_counted_but_not_listed_twice(cast, as_):
    question(cast.space, cast.another_participant, "How long?")
    [news] = as_(cast.participant).get("/").context["today"].news
    assert news.member_space.new_threads == 1
    assert not news.threads
    assert page(as_(cast.participant)).count("How long?") == 1


def test_a_prompt_without_an_available_step_does_not_wait(cast, as_):
    MonthPrompt.objects.update(step="looked-back")
    assert "Nothing’s waiting for you today" in page(as_(cast.participant))


def test_questions_of_others_are_listed_until_i_have_replied(cast, as_):
    asked_question = question(cast.space, cast.another_participant)
    question(cast.space, cast.participant, "Mine")
    thread(cast.space, cast.another_participant, "No question")
    assert listed(as_(cast.participant).get("/").context["today"].questions) == [asked_question]
    reply(asked_question, cast.participant)
    assert not as_(cast.participant).get("/").context["today"].questions


def test_a_question_to_the_trainer_is_listed_for_no_participant(cast, as_):
    question(cast.space, cast.another_participant, "Between us", audience=Thread.Audience.ANSWERERS)
    assert "Between us" not in page(as_(cast.participant))
    assert "Between us" in page(as_(cast.trainer))


def test_replies_to_my_question_wait_until_i_accept_one(cast, as_):
    asked_question = question(cast.space, cast.participant)
    assert not as_(cast.participant).get("/").context["today"].replies_to_me
    answer = reply(asked_question, cast.trainer)
    assert listed(as_(cast.participant).get("/").context["today"].replies_to_me) == [asked_question]
    asked_question.answer = answer
    asked_question.save()
    assert not as_(cast.participant).get("/").context["today"].replies_to_me


def test_the_trainers_questions_are_listed_oldest_first_over_all_months(cast, as_):
    other = another_month(cast, 1, user=cast.trainer, role=SpaceRole.TRAINER)
    join(other, cast.participant)
    young = question(cast.space, cast.participant, "Young")
    old = question(other, cast.participant, "Old", created_at=clock.now() - dt.timedelta(days=2))
    assert listed(as_(cast.trainer).get("/").context["today"].training.questions) == [old, young]


def test_a_question_the_trainer_replied_to_waits_for_its_author(cast, as_):
    asked_question = question(cast.space, cast.participant)
    reply(asked_question, cast.another_participant)
    assert listed(as_(cast.trainer).get("/").context["today"].training.questions) == [asked_question]
    reply(asked_question, cast.trainer)
    assert not as_(cast.trainer).get("/").context["today"].training.questions
    reply(asked_question, cast.participant)
    assert listed(as_(cast.trainer).get("/").context["today"].training.questions) == [asked_question]


def test_questions_of_a_closed_month_are_not_listed(cast, as_):
    question(cast.space, cast.participant)
    close_now(cast.space)
    assert not as_(cast.trainer).get("/").context["today"].training.waits


def test_who_is_not_here_yet_is_a_figure_only_from_five_people_on(cast, as_):
    [few] = as_(cast.trainer).get("/").context["today"].training.not_yet
    assert few.figure is None  # two participants and one awaiting
    for number in range(2):
        join(cast.space, person(f"Late {number}"))
    shown = as_(cast.trainer).get("/")
    assert shown.context["today"].training.not_yet[0].figure == 5
    assert "Late 0" not in shown.content.decode()


def test_members_who_came_in_are_not_counted(cast, as_):
    Membership.objects.update(came_in_at=clock.now())
    assert not as_(cast.trainer).get("/").context["today"].training.not_yet


def test_a_longer_month_asks_the_trainer_whether_they_stay(cast, as_):
    extension = Extension.objects.create(
        month=cast.month,
        previous_closes_at=cast.space.closes_at,
        last_day=clock.today(ZONE) + dt.timedelta(days=60),
        reason="Exams",
        on_hand=Extension.OnHand.ASKED,
        extended_by=cast.coordinator,
    )
    assert as_(cast.trainer).get("/").context["today"].training.extensions == [
        (cast.month.pk, cast.space.title, extension.last_day, cast.coordinator.name, "Exams")
    ]
    assert "Exams" in page(as_(cast.trainer))
    assert "Exams" not in page(as_(cast.participant))


def test_a_month_about_to_close_says_so(cast, as_):
    assert not as_(cast.participant).get("/").context["today"].closing
    Space.objects.update(closes_at=clock.now() + dt.timedelta(days=3))
    assert [
        member_space.space for member_space in as_(cast.participant).get("/").context["today"].closing
    ] == [cast.space]


def run_of(cast: Cast, ended_days_ago: int) -> Run:
    ended = clock.today(ZONE) - dt.timedelta(days=ended_days_ago)
    return Run.objects.create(course=cast.course, starts_on=ended - dt.timedelta(days=2), ends_on=ended)


def test_the_coordinator_sees_which_completions_are_missing_the_oldest_first(cast, as_):
    later, earlier = run_of(cast, 3), run_of(cast, 20)
    waiting = as_(cast.coordinator).get("/").context["today"].coordinating.waiting
    assert [run.pk for run in waiting] == [earlier.pk, later.pk]
    assert reverse("completions", args=[earlier.pk]) in page(as_(cast.coordinator))
    assert "Completions are missing" not in page(as_(cast.other_coordinator))
    assert "Completions are missing" not in page(as_(cast.trainer))
    assert "Completions are missing" not in page(as_(cast.evaluator))


def test_the_coordinator_sees_what_opens_and_closes_this_week(cast, as_):
    soon, _later = run_of(cast, -5), run_of(cast, -9)
    Space.objects.update(closes_at=clock.now() + dt.timedelta(days=3))
    coordinating = as_(cast.coordinator).get("/").context["today"].coordinating
    assert [run.pk for run in coordinating.opening] == [soon.pk]
    assert [month.space for month in coordinating.closing] == [cast.space.pk]


def test_refused_rows_are_offered_until_a_later_list(cast, as_):
    def batch(refused: list) -> CompletionBatch:
        return CompletionBatch.objects.create(
            run=cast.run,
            source="file",
            started_at=clock.now(),
            applied_at=clock.now(),
            refused=refused,
            file_name="group.csv",
        )

    first = batch([{"line": 3, "reason": "No name.", "cells": []}])
    assert as_(cast.coordinator).get("/").context["today"].coordinating.refused == [
        (first.pk, cast.course.title, "group.csv", 1)
    ]
    assert "group.csv" in page(as_(cast.coordinator))
    assert "group.csv" not in page(as_(cast.other_coordinator))
    CompletionBatch.objects.update(file_name="")
    assert '<span class="files__about">1 row was skipped.</span>' in page(as_(cast.coordinator))
    batch([])
    assert not as_(cast.coordinator).get("/").context["today"].coordinating.refused


def test_when_nothing_waits_it_says_so(cast, as_):
    practice(cast.space, cast.participant)
    Practice.objects.update(title="Mine")
    Reply.objects.all().delete()
    MonthPrompt.objects.update(step="shared")
    assert "Nothing’s waiting for you today" in page(as_(cast.participant))
    question(cast.space, cast.another_participant)
    assert "Nothing’s waiting for you today" not in page(as_(cast.participant))


def test_a_draft_is_not_listed_while_its_author_may_not_see_the_space(cast, as_):
    path = f"/spaces/{cast.space.pk}/room/"
    Draft.objects.create(user=cast.participant, place=path, title="Half a thought", fields={"text": "So"})
    assert "Half a thought" in page(as_(cast.participant))
    dismiss_member(space=cast.space, user=cast.participant, by=cast.coordinator)
    assert "Half a thought" not in page(as_(cast.participant))
    assert Draft.objects.filter(user=cast.participant).exists()


def test_a_draft_can_be_discarded_and_restored(cast, as_):
    draft = Draft.objects.create(
        user=cast.participant,
        place=reverse("thread_new", args=[cast.space.pk]),
        title="Conversation",
        fields={"title": "Half a question"},
    )
    client = as_(cast.participant)
    assert page(client).count("Half a question") == 2, "in the link, and in the button for a screen reader"
    after = client.post(reverse("draft_discard", args=[draft.pk]), follow=True).content.decode()
    assert not Draft.objects.exists()
    assert "“Half a question” has been discarded." in after, (
        "as the list named it, not as the page it was begun on"
    )
    assert reverse("draft_restore") in after
    assert reverse("draft_restore") not in page(client)
    client.post(reverse("draft_restore"))
    assert Draft.objects.get().fields == {"title": "Half a question"}
    client.post(reverse("draft_restore"))
    assert Draft.objects.count() == 1


def test_a_draft_of_somebody_else_cannot_be_discarded(cast, as_):
    draft = Draft.objects.create(user=cast.participant, place="/x/", title="Mine", fields={})
    as_(cast.another_participant).post(reverse("draft_discard", args=[draft.pk]))
    assert Draft.objects.filter(pk=draft.pk).exists()


def queries(client: Client) -> int:
    client.get("/")
    with CaptureQueriesContext(connection) as caught:
        client.get("/")
    return len(caught)


def fill(cast: Cast, space: Space, threads: int) -> None:
    for number in range(threads):
        opened = thread(space, cast.another_participant, f"Conversation {number}")
        reply(opened, cast.trainer)
        question(space, cast.another_participant, f"Question {number}")
        reply(question(space, cast.participant, f"My question {number}"), cast.another_participant)
        practice(space, cast.another_participant)
        run_of(cast, 10 + number)


def test_twelve_spaces_with_forty_threads_cost_no_more_than_two_with_three(cast, as_):
    def months(numbers):
        for number in numbers:
            space = another_month(cast, number, user=cast.trainer, role=SpaceRole.TRAINER)
            for user in (cast.participant, cast.coordinator, cast.another_participant):
                join(space, user)
        for space in Space.objects.all():
            fill(cast, space, 1)

    clients = [as_(cast.who(who)) for who in ("participant", "trainer", "coordinator")]
    months([1])
    few = [queries(client) for client in clients]
    months(range(2, 12))
    assert Thread.objects.count() > 40
    assert [queries(client) for client in clients] == few
