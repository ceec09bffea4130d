"""Steps are computed from posts or reported by the person, and shown only to those who may see them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people.models import User
from community.posts import actions as posts
from community.practices.models import Practice
from community.spaces.actions import dismiss_member
from community.spaces.models import Membership
from community.threads.actions import accept_answer
from community.threads.models import Reply, Thread
from followup.courses.models import Step
from followup.steps import actions, privacy, sources
from followup.steps.figures import figures_of
from followup.steps.models import StepTold
from followup.steps.queries import Steps, counts, steps_in, steps_of
from tests.cast import Cast, close_now, join, person
from tests.written import ask, reply_to

SignIn = Callable[..., Client]


def steps(cast: Cast, user: User) -> set[str]:
    return steps_of(cast.month, user).taken


def practice(cast: Cast, author: User, **more: object) -> Practice:
    return Practice.objects.create(
        space=cast.space,
        author=author,
        title="A practice",
        context="c",
        tried="t",
        happened="h",
        language="en",
        **{"published_at": clock.now(), **more},
    )


def reply(cast: Cast, author: User, **more: object) -> Reply:
    thread = Thread.objects.create(space=cast.space, author=cast.trainer, title="Hello", language="en")
    return Reply.objects.create(
        thread=thread, number=1, author=author, text="t", html="t", language="en", **{"tried": True, **more}
    )


def test_nobody_has_taken_a_step_at_first(cast: Cast) -> None:
    assert steps(cast, cast.participant) == set()


def test_a_published_practice_is_shared_and_tried(cast: Cast) -> None:
    practice(cast, cast.participant)
    assert steps(cast, cast.participant) == {"tried", "shared"}
    assert steps(cast, cast.another_participant) == set()


def test_a_draft_or_withdrawn_practice_counts_as_no_step(cast: Cast) -> None:
    practice(cast, cast.participant, published_at=None)
    practice(cast, cast.participant, withdrawn_at=clock.now())
    assert steps(cast, cast.participant) == set()


def test_a_reply_marked_i_tried_this_is_tried(cast: Cast) -> None:
    reply(cast, cast.participant)
    reply(cast, cast.another_participant, tried=False)
    reply(cast, cast.awaiting, withdrawn_at=clock.now())
    assert steps(cast, cast.participant) == {"tried"}
    assert steps(cast, cast.another_participant) == steps(cast, cast.awaiting) == set()


def test_reporting_a_step_again_replaces_the_sentence(cast: Cast) -> None:
    for sentence in ("First.", "Better."):
        actions.report_step(
            month=cast.month, user=cast.participant, step="tried", sentence=sentence, trainer_only=False
        )
    assert StepTold.objects.get().sentence == "Better."
    assert steps(cast, cast.participant) == {"tried"}
    actions.withdraw_step(month=cast.month, user=cast.participant, step="tried")
    assert steps(cast, cast.participant) == set()


def test_it_can_be_reported_after_the_end_and_by_participants_only(cast: Cast) -> None:
    close_now(cast.space)
    cast.month.refresh_from_db()
    actions.report_step(
        month=cast.month, user=cast.participant, step="tried", sentence="Late.", trainer_only=False
    )
    for user in (cast.trainer, cast.coordinator, cast.stranger, cast.evaluator):
        with pytest.raises(Refused):
            actions.report_step(
                month=cast.month, user=user, step="tried", sentence="Mine.", trainer_only=False
            )


@pytest.mark.parametrize(("step", "sentence"), [("passed-on", "Told them."), ("tried", "  "), ("x", "y")])
def test_what_cannot_be_reported_is_refused(cast: Cast, step: str, sentence: str) -> None:
    with pytest.raises(Refused):
        actions.report_step(
            month=cast.month, user=cast.participant, step=step, sentence=sentence, trainer_only=False
        )


def test_a_sentence_for_the_trainer_is_read_by_the_trainer_alone(cast: Cast, as_: SignIn) -> None:
    for sentence, trainer_only in (("For the trainer.", True), ("For everyone.", False)):
        user = cast.participant if trainer_only else cast.another_participant
        actions.report_step(
            month=cast.month, user=user, step="tried", sentence=sentence, trainer_only=trainer_only
        )
    url = reverse("month_steps", kwargs={"pk": cast.month.pk})
    seen = {
        name: as_(cast.who(name)).get(url).content.decode()
        for name in ("participant", "another_participant", "awaiting", "trainer", "coordinator", "evaluator")
    }
    assert {name for name, page in seen.items() if "For the trainer." in page} == {"participant", "trainer"}
    assert "For everyone." in seen["awaiting"]


def test_only_the_trainer_sees_by_name_who_has_not_come_in(cast: Cast, as_: SignIn) -> None:
    url = reverse("month_steps", kwargs={"pk": cast.month.pk})
    assert "Pal Participant" in as_(cast.trainer).get(url).content.decode()
    for user in (cast.participant, cast.coordinator, cast.evaluator):
        assert "Pal Participant" not in as_(user).get(url).content.decode()


def test_a_figure_about_fewer_than_five_is_left_out() -> None:
    assert counts([Steps(taken={"tried"})] * 4) == {}
    assert counts([Steps(taken={"tried"})] * 5) == {"tried": 5}


def test_the_steps_of_many_cost_one_query(cast: Cast, django_assert_num_queries: Callable) -> None:
    many = [person(f"Participant Number{number}") for number in range(12)]
    for user in many:
        join(cast.space, user)
        practice(cast, user)
        reply(cast, user)
    with django_assert_num_queries(1):
        found = steps_in(cast.month)
    assert all(found[user.pk].taken == {"tried", "shared"} for user in many)


def test_the_steps_of_a_month_are_those_of_its_participants(cast: Cast) -> None:
    for user in (cast.participant, cast.trainer, cast.another_participant):
        practice(cast, user)
    dismiss_member(space=cast.space, user=cast.another_participant, by=cast.coordinator)
    assert set(steps_in(cast.month)) == {cast.participant.pk}


def test_reading_along_is_switched_on_and_off(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    url = reverse("month_read_along", kwargs={"pk": cast.month.pk})
    mine = Membership.objects.filter(space=cast.space, user=cast.participant)
    client.post(url, {"reads_along": "yes"})
    assert mine.get().reads_along
    client.post(url, {"reads_along": "no"})
    assert not mine.get().reads_along


def test_a_withdrawn_answer_is_not_counted(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    answer = reply_to(question, cast.trainer)
    accept_answer(reply=answer, by=cast.participant)
    assert figures_of(cast.month, {}).answered == 1
    posts.withdraw(post=answer, by=cast.trainer)
    figures = figures_of(cast.month, {})
    assert (figures.questions, figures.answered) == (1, 0)


def page(client: Client, name: str, **kwargs: int) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def test_a_participant_reports_a_step_and_withdraws_it(cast: Cast, as_: SignIn) -> None:
    client, url = as_(cast.participant), reverse("month_report_step", kwargs={"pk": cast.month.pk})
    client.post(url, {"step": "tried", "sentence": "An exit ticket."})
    assert "An exit ticket." in page(client, "month_steps", pk=cast.month.pk)
    empty = client.post(url, {"step": "shared", "sentence": ""}, follow=True)
    assert "One sentence is enough" in empty.content.decode()
    client.post(url, {"take_back": "tried"})
    assert "An exit ticket." not in page(client, "month_steps", pk=cast.month.pk)


def test_the_sentences_of_a_person_are_exported_and_can_be_erased(cast: Cast) -> None:
    actions.report_step(
        month=cast.month, user=cast.participant, step="tried", sentence="An exit ticket.", trainer_only=True
    )
    reported = privacy.export_for(cast.participant)["told"]
    assert [step["sentence"] for step in reported] == ["An exit ticket."]
    assert privacy.export_for(cast.another_participant)["told"] == []
    privacy.erase(cast.participant)
    assert not StepTold.objects.exists()


def test_a_registered_source_adds_a_step_everywhere(cast: Cast, as_: SignIn, monkeypatch) -> None:
    def passed_on():
        mine = Membership.objects.filter(user=cast.participant.pk)
        return [sources.Taking(Step.PASSED_ON, mine, "space", "user")]

    monkeypatch.setattr(sources, "_sources", dict(sources._sources))
    assert Step.PASSED_ON not in sources.available_steps()
    sources.register_source("sharing", sources.StepSource({Step.PASSED_ON: "passed on"}, passed_on))
    assert list(sources.available_steps()) == [Step.TRIED, Step.SHARED, Step.PASSED_ON]
    assert steps(cast, cast.participant) == {Step.PASSED_ON}
    assert steps(cast, cast.another_participant) == set()
    shown = page(as_(cast.participant), "month_steps", pk=cast.month.pk)
    assert "passed on" in shown
    assert '<option value="passed-on">' in shown
