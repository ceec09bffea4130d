"""Nobody is without a trainer unawares: opening alone is said, and a question always has a reader."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from common import clock
from common.access import SYSTEM, Refused
from community.people.actions import suspend, unsuspend
from community.people.models import User
from community.spaces import actions as spaces
from community.spaces.models import Membership
from community.threads.actions import open_to_everyone, start_thread
from community.threads.models import Thread
from followup.completions import actions as completions
from followup.courses import run_actions
from followup.courses.models import CompletionBatch, Enrolment, Run, RunTrainer
from followup.courses.roles import SpaceRole
from followup.months import actions, jobs
from followup.months.models import Month, Occasion
from messaging.notifications.models import Mail, Notification
from tests.cast import ZONE, Cast, close_now, join, person
from tests.written import ask_trainer, reply_to


@pytest.fixture
def alone(cast: Cast) -> Run:
    """A group that ended yesterday, without a trainer; one person is enrolled."""
    today = clock.today(ZONE)
    run = Run.objects.create(course=cast.course, starts_on=today - dt.timedelta(3), ends_on=today)
    Enrolment.objects.create(run=run, user=person("Cili Enrolled"))
    return run


@pytest.fixture
def batch(cast: Cast, alone: Run) -> CompletionBatch:
    return completions.select_by_hand(
        run=alone,
        by=cast.coordinator,
        enrolments=list(alone.enrolments.all()),
        completed_on=clock.today(ZONE),
    )


def soon(days: int = 3) -> dt.date:
    return clock.today(ZONE) + dt.timedelta(days)


def lines_of(user: User) -> list[str]:
    """The kinds of a person's notifications."""
    return sorted(Notification.objects.active().filter(user=user).values_list("kind", flat=True))


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def invite(run: Run, name: str = "Ilona Invited") -> User:
    user = person(name)
    User.objects.filter(pk=user.pk).update(joined_at=None)
    RunTrainer.objects.create(run=run, user=user)
    return User.objects.get(pk=user.pk)


def private_question(cast: Cast) -> Thread:
    return ask_trainer(cast.space, cast.participant)


def remove_the_trainer(cast: Cast) -> None:
    """As when their role ends for a reason that nobody can refuse."""
    spaces.end_role(space=cast.space, user=cast.trainer, role=SpaceRole.TRAINER, by=SYSTEM)
    RunTrainer.objects.filter(user=cast.trainer).delete()
    spaces.dismiss(space=cast.space, user=cast.trainer, by=SYSTEM)


def test_a_preview_names_who_is_on_hand_and_who_is_only_invited(as_, cast, alone, batch):
    page = reverse("completion_batch", args=[batch.pk])
    assert "No one is available in this follow-up yet." in text_of(as_(cast.coordinator).get(page))
    invite(alone)
    shown = text_of(as_(cast.coordinator).get(page))
    assert "No one is available in this follow-up yet. Invited, not joined yet: Ilona Invited" in shown
    RunTrainer.objects.create(run=alone, user=cast.trainer)
    shown = text_of(as_(cast.coordinator).get(page))
    assert "Available: Tamara Trainer" in shown
    assert "invited, not joined yet: Ilona Invited" in shown
    assert "without a trainer" not in shown


def test_a_month_opens_without_trainer_only_with_a_day_by_which_somebody_is_on_hand(as_, cast, alone, batch):
    client, url = as_(cast.coordinator), reverse("completion_apply", args=[batch.pk])
    for day in ("", "soon", soon(-1).isoformat(), soon(60).isoformat()):
        assert client.post(url, {"trainer_by": day}).status_code == 400
    assert not Month.objects.filter(month_runs__run=alone).exists()
    client.post(url, {"trainer_by": soon().isoformat()})
    month = Month.objects.get(month_runs__run=alone)
    assert month.trainer_by == soon()
    assert month.nobody_since is not None


def test_the_action_refuses_what_the_page_would_not_offer(cast, batch):
    with pytest.raises(Refused, match="No one is available"):
        completions.start(batch=batch, by=cast.coordinator)
    with pytest.raises(Refused, match="earlier day"):
        completions.start(batch=batch, by=cast.coordinator, trainer_by=soon(60))


def test_with_a_trainer_no_day_is_asked_for(as_, cast, alone, batch):
    RunTrainer.objects.create(run=alone, user=cast.trainer)
    as_(cast.coordinator).post(reverse("completion_apply", args=[batch.pk]))
    assert Month.objects.get(month_runs__run=alone).trainer_by is None


def test_in_a_month_that_opened_alone_everybody_is_asked_and_the_mail_promises_no_trainer(
    as_, cast, alone, batch
):
    completions.apply(batch=batch, by=cast.coordinator, trainer_by=soon())
    month, cili = Month.objects.get(month_runs__run=alone), User.objects.get(name="Cili Enrolled")
    assert "trainer" not in Mail.objects.get(kind="month-opened", user=cili).text
    shown = text_of(as_(cili).get(reverse("space", args=[month.space_id])))
    assert "Ask the trainer" not in shown
    assert "Ask a question" in shown
    assert "No trainer is available yet; someone will be by" in shown
    form = as_(cili).get(reverse("question_new", args=[month.space_id])).content.decode()
    assert 'value="everyone"' in form
    assert 'value="answerers"' not in form


def test_the_coordinators_are_reminded_on_the_day_and_see_it_on_today(as_, cast, alone, batch):
    Run.objects.filter(pk=alone.pk).update(label="Autumn group")
    completions.apply(batch=batch, by=cast.coordinator, trainer_by=soon())
    today = text_of(as_(cast.coordinator).get(reverse("today")))
    assert "No one is available" in today
    assert "Autumn group · Someone will be available by" in today
    assert "trainer-due" not in lines_of(cast.coordinator)
    due = Occasion.objects.get(kind=Occasion.Kind.TRAINER_DUE).due_at
    with clock.at(due + dt.timedelta(minutes=1)):
        jobs.sweep_occasions()
        jobs.sweep_occasions()
    assert lines_of(cast.coordinator).count("trainer-due") == 1


def test_nobody_is_reminded_once_a_trainer_is_there(cast, alone, batch):
    completions.apply(batch=batch, by=cast.coordinator, trainer_by=soon())
    month = Month.objects.get(month_runs__run=alone)
    run_actions.restore_trainer(run=alone, user=cast.trainer, by=cast.coordinator)
    assert jobs.sweep_on_hand() == 1
    month.refresh_from_db()
    assert (month.trainer_by, month.nobody_since) == (None, None)
    with clock.at(clock.now() + dt.timedelta(days=5)):
        jobs.sweep_occasions()
    assert "trainer-due" not in lines_of(cast.coordinator)


def test_a_month_that_opens_by_its_date_alone_tells_the_coordinators_within_a_round(as_, cast, alone):
    Run.objects.filter(pk=alone.pk).update(ends_on=soon(-1), starts_on=soon(-3))
    jobs.sweep_openings()
    assert jobs.sweep_on_hand() == 1
    assert jobs.sweep_on_hand() == 0
    assert lines_of(cast.coordinator) == ["nobody-on-hand"]
    assert "The follow-up is open without a trainer." in text_of(as_(cast.coordinator).get(reverse("today")))


def test_an_invited_trainer_is_not_on_hand_until_they_join(as_, cast, alone, batch):
    invited = invite(alone)
    completions.apply(batch=batch, by=cast.coordinator, trainer_by=soon())
    month, cili = Month.objects.get(month_runs__run=alone), User.objects.get(name="Cili Enrolled")
    space = reverse("space", args=[month.space_id])
    assert "Ilona Invited: invited, not joined yet" in text_of(as_(cili).get(space))
    people = text_of(as_(cili).get(reverse("space_people", args=[month.space_id])))
    assert "Ilona Invited trainer invited, not joined yet" in people
    User.objects.filter(pk=invited.pk).update(joined_at=clock.now())
    jobs.sweep_on_hand()
    shown = text_of(as_(cili).get(space))
    assert "Ask the trainer" in shown
    assert "Available to answer II Ilona Invited" in shown


@pytest.mark.parametrize("page", ["space", "space_questions", "space_practices"])
def test_pages_of_a_space_name_its_trainer(as_, cast, page):
    shown = text_of(as_(cast.participant).get(reverse(page, args=[cast.space.pk])))
    assert "Available to answer TT Tamara Trainer Here until" in shown


def test_the_last_trainer_is_not_taken_off_an_open_month(cast):
    trainer = cast.run.trainers.get()
    with pytest.raises(Refused, match="Tamara Trainer is the only trainer available"):
        run_actions.remove_trainer(trainer=trainer, by=cast.coordinator)
    with pytest.raises(Refused, match="Tamara Trainer is the only trainer available"):
        spaces.dismiss_member(space=cast.space, user=cast.trainer, by=cast.coordinator)
    assert cast.run.trainers.exists()
    assert Membership.objects.current().filter(space=cast.space, user=cast.trainer).exists()


@pytest.mark.parametrize("stand_in", ["invited", "suspended"])
def test_somebody_who_cannot_be_reached_is_no_stand_in(cast, stand_in):
    other = person("Tibor Trainer")
    RunTrainer.objects.create(run=cast.run, user=other)
    join(cast.space, other, role=SpaceRole.TRAINER)
    if stand_in == "invited":
        User.objects.filter(pk=other.pk).update(joined_at=None)
    else:
        suspend(user=other)
    with pytest.raises(Refused):
        spaces.dismiss_member(space=cast.space, user=cast.trainer, by=cast.coordinator)
    spaces.dismiss_member(space=cast.space, user=other, by=cast.coordinator)


def test_with_a_stand_in_and_in_a_closed_month_a_trainer_goes(cast):
    other = person("Tibor Trainer")
    RunTrainer.objects.create(run=cast.run, user=other)
    join(cast.space, other, role=SpaceRole.TRAINER)
    run_actions.remove_trainer(trainer=cast.run.trainers.get(user=cast.trainer), by=cast.coordinator)
    with pytest.raises(Refused):
        run_actions.remove_trainer(trainer=cast.run.trainers.get(user=other), by=cast.coordinator)
    close_now(cast.space)
    run_actions.remove_trainer(trainer=cast.run.trainers.get(user=other), by=cast.coordinator)
    assert not cast.run.trainers.exists()


def test_when_the_last_trainer_is_suspended_the_coordinators_and_the_askers_are_told(as_, cast):
    question = private_question(cast)
    suspend(user=cast.trainer)
    jobs.sweep_on_hand()
    assert "nobody-on-hand" in lines_of(cast.coordinator)
    assert "question-unread" in lines_of(cast.participant)
    assert "question-unread" not in lines_of(cast.another_participant)
    shown = text_of(as_(cast.participant).get(reverse("thread", args=[question.pk])))
    assert "No one is there to read this at the moment." in shown
    unsuspend(user=cast.trainer)
    jobs.sweep_on_hand()
    assert "nobody-on-hand" not in lines_of(cast.coordinator)
    assert "question-unread" not in lines_of(cast.participant)


def test_the_news_are_told_again_when_it_happens_again(cast):
    for _time in range(2):
        suspend(user=cast.trainer)
        jobs.sweep_on_hand()
        assert lines_of(cast.coordinator).count("nobody-on-hand") == 1
        unsuspend(user=cast.trainer)
        jobs.sweep_on_hand()
        assert "nobody-on-hand" not in lines_of(cast.coordinator)


def test_the_asker_shows_a_question_that_nobody_reads_to_everyone(as_, cast):
    question = private_question(cast)
    remove_the_trainer(cast)
    jobs.sweep_on_hand()
    assert question not in Thread.objects.visible_to(cast.another_participant)
    as_(cast.participant).post(reverse("thread_open", args=[question.pk]))
    assert question in Thread.objects.visible_to(cast.another_participant)
    assert "question-unread" not in lines_of(cast.participant)


def test_a_question_to_which_somebody_replied_is_not_shown_to_everyone(cast):
    question = private_question(cast)
    reply = reply_to(question, cast.trainer)
    with pytest.raises(Refused):
        open_to_everyone(thread=question, by=cast.participant)
    reply.delete()
    for user in (cast.trainer, cast.another_participant, cast.coordinator):
        with pytest.raises(Refused):
            open_to_everyone(thread=question, by=user)
    reply_to(question, cast.participant)
    assert not open_to_everyone(thread=question, by=cast.participant).for_answerers_only


def test_a_private_question_without_a_reader_is_refused_and_never_made_public(as_, cast):
    remove_the_trainer(cast)
    url = reverse("question_new", args=[cast.space.pk])
    response = as_(cast.participant).post(
        url, {"title": "Between us", "text": "Why?", "language": "en", "audience": "answerers"}
    )
    assert "No trainer is available at the moment" in response.content.decode()
    assert "Between us" in response.content.decode()
    assert not Thread.objects.filter(title="Between us").exists()


def test_a_new_trainer_reads_the_questions_that_waited(cast):
    question = private_question(cast)
    remove_the_trainer(cast)
    jobs.sweep_on_hand()
    run_actions.restore_trainer(run=cast.run, user=cast.stranger, by=cast.coordinator)
    jobs.sweep_on_hand()
    assert question in Thread.objects.visible_to(cast.stranger)
    assert "question-unread" not in lines_of(cast.participant)
    reply_to(question, cast.stranger)


def test_start_thread_refuses_a_private_question_without_a_reader(cast):
    remove_the_trainer(cast)
    with pytest.raises(Refused):
        start_thread(
            space=cast.space,
            author=cast.participant,
            kind="question",
            audience="answerers",
            title="Between us",
            text="",
            client_id=Thread().client_id,
        )


def test_a_trainer_invited_to_the_group_gets_no_second_invitation_when_its_month_opens(cast, alone):
    run_actions.add_trainer(run=alone, by=cast.coordinator, name="Nora New", address="nora.new@school.test")
    actions.open_month(run=alone, how=Month.OpenedBy.COORDINATOR, by=cast.coordinator)
    assert Mail.objects.filter(kind="invitation", address="nora.new@school.test").count() == 1


def test_a_trainer_invited_long_ago_is_invited_again_when_the_month_opens(cast, alone):
    with clock.at(clock.now() - dt.timedelta(days=10)):
        run_actions.add_trainer(
            run=alone, by=cast.coordinator, name="Nora New", address="nora.new@school.test"
        )
    month = actions.open_month(run=alone, how=Month.OpenedBy.COORDINATOR, by=cast.coordinator)
    nora = User.objects.get(name="Nora New")
    assert nora.invitations.get().next_path == reverse("space", args=[month.space_id])


def test_who_awaits_confirmation_reads_until_when_and_what_to_do(as_, cast):
    shown = text_of(as_(cast.awaiting).get(reverse("space", args=[cast.space.pk])))
    assert "You can do everything here until the end of" in shown
    assert "ask the trainer or the institute to confirm it by then" in shown


def test_who_reads_along_can_choose_the_weekly_mails_again(as_, cast):
    client = as_(cast.participant)
    client.post(reverse("month_read_along", args=[cast.month.pk]), {"reads_along": "yes"})
    assert "You’re just reading along: no weekly emails." in text_of(
        client.get(reverse("space", args=[cast.space.pk]))
    )
