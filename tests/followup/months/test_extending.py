"""A later end: only later, with a reason, and the trainer on hand only after their own yes."""

import datetime as dt

import pytest
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people.models import User
from community.spaces.actions import move_end
from community.spaces.models import Space
from followup.courses.roles import SpaceRole
from followup.months import actions, jobs, reminders
from followup.months.dates import closes_at
from followup.months.models import Extension, Occasion
from messaging.notifications.models import Mail, Notification
from tests.cast import ZONE, Cast, close_now, join, person


def extend(cast: Cast, by: User, days: int = 14, stays: bool = True, reason: str = "The break") -> Extension:
    last_day = Space.objects.get(pk=cast.space.pk).last_day + dt.timedelta(days=days)
    return actions.extend(month=cast.month, last_day=last_day, reason=reason, stays=stays, by=by)


def test_the_end_moves_to_the_end_of_the_new_last_day_and_members_are_told_why(cast: Cast) -> None:
    extension = extend(cast, cast.coordinator)
    assert Space.objects.get(pk=cast.space.pk).closes_at == closes_at(extension.last_day, ZONE)
    letter = Mail.objects.get(kind="month-extended", user=cast.participant)
    assert "The break" in letter.text
    assert extension.previous_closes_at == cast.space.closes_at


def test_occasions_of_the_old_end_are_replaced_by_those_of_the_new_one(cast: Cast) -> None:
    extend(cast, cast.coordinator)
    extend(cast, cast.coordinator, reason="More")
    space = Space.objects.get(pk=cast.space.pk)
    waiting = Occasion.objects.filter(month=cast.month, done_at=None).exclude(kind=Occasion.Kind.PROMPT)
    assert sorted(waiting.values_list("kind", flat=True)) == ["closed", "day-before", "week-before"]
    assert waiting.get(kind=Occasion.Kind.CLOSED).due_at == space.closes_at


def test_the_same_extension_twice_is_one(cast: Cast) -> None:
    last_day = cast.space.last_day + dt.timedelta(days=10)
    both = [
        actions.extend(month=cast.month, last_day=last_day, reason="Twice", stays=False, by=cast.coordinator)
        for _ in range(2)
    ]
    assert both[0] == both[1]
    assert Extension.objects.count() == 1


@pytest.mark.parametrize("days", [0, -1, -20])
def test_nobody_can_make_it_shorter(cast: Cast, days: int) -> None:
    with pytest.raises(Refused, match="later"):
        extend(cast, cast.coordinator, days=days)


def test_a_reason_is_needed(cast: Cast) -> None:
    with pytest.raises(Refused, match="why"):
        extend(cast, cast.coordinator, reason="  ")


def test_only_trainers_and_coordinators_extend(cast: Cast) -> None:
    for user in (cast.participant, cast.awaiting, cast.evaluator, cast.other_coordinator, cast.stranger):
        with pytest.raises(Refused):
            extend(cast, user)


def test_the_coordinators_wish_waits_for_the_trainers_yes(cast: Cast) -> None:
    extension = extend(cast, cast.coordinator)
    assert extension.on_hand == Extension.OnHand.ASKED
    assert Mail.objects.get(kind="month-asked").user == cast.trainer
    with pytest.raises(Refused):
        actions.answer_extension(extension=extension, stays=True, by=cast.coordinator)
    with pytest.raises(Refused):
        actions.answer_extension(extension=extension, stays=True, by=cast.participant)
    answered = actions.answer_extension(extension=extension, stays=True, by=cast.trainer)
    assert answered.on_hand == Extension.OnHand.YES
    assert actions.answer_extension(extension=extension, stays=False, by=cast.trainer).on_hand == "no"


def test_the_only_trainer_says_yes_by_extending(cast: Cast) -> None:
    extension = extend(cast, cast.trainer)
    assert (extension.on_hand, extension.answered_by) == (Extension.OnHand.YES, cast.trainer)
    assert not Mail.objects.filter(kind="month-asked").exists()


def test_one_of_two_trainers_cannot_promise_for_the_other(cast: Cast) -> None:
    other = person("Timea Trainer")
    join(cast.space, other, role=SpaceRole.TRAINER)
    extension = extend(cast, cast.trainer)
    assert extension.on_hand == Extension.OnHand.ASKED
    with pytest.raises(Refused):
        actions.answer_extension(extension=extension, stays=True, by=cast.trainer)
    assert actions.answer_extension(extension=extension, stays=True, by=other).on_hand == "yes"


def test_without_the_trainer_nobody_is_asked(cast: Cast) -> None:
    assert extend(cast, cast.coordinator, stays=False).on_hand == Extension.OnHand.NO
    assert not Mail.objects.filter(kind="month-asked").exists()


def test_extending_a_closed_space_opens_it_again(cast: Cast) -> None:
    close_now(cast.space)
    extend(cast, cast.coordinator)
    assert Space.objects.get(pk=cast.space.pk).is_open


def test_a_space_cannot_be_opened_again_into_the_past(cast: Cast) -> None:
    cast.space.opened_at = clock.now() - dt.timedelta(days=60)
    cast.space.save(update_fields=["opened_at"])
    move_end(space=cast.space, closes_at=clock.now() - dt.timedelta(days=30))
    with pytest.raises(Refused):
        extend(cast, cast.coordinator, days=3)


def news_of(user: User, kind: str) -> int:
    return Notification.objects.active().filter(user=user, kind=kind).count()


def test_what_was_said_about_the_end_before_is_withdrawn(cast: Cast) -> None:
    reminders.schedule_end(cast.month)
    with clock.at(cast.space.closes_at - dt.timedelta(days=2)):
        jobs.sweep_occasions()
        assert news_of(cast.participant, "closing") == 1
        extend(cast, cast.coordinator)
        assert news_of(cast.participant, "closing") == 0
        assert not Mail.objects.filter(kind="month-closing").exists()
        extend(cast, cast.coordinator, reason="Still more")
    assert news_of(cast.participant, "extended") == 1
    assert Mail.objects.filter(kind="month-extended", user=cast.participant).count() == 1
    assert Mail.objects.filter(kind="month-asked", user=cast.trainer).count() == 1


def test_a_space_that_is_opened_again_in_the_night_sends_no_mail_that_it_is_closed(cast: Cast) -> None:
    reminders.schedule_end(cast.month)
    with clock.at(cast.space.closes_at + dt.timedelta(minutes=5)):
        jobs.sweep_occasions()
        assert Mail.objects.filter(kind="month-closed", user=cast.participant).exists()
        extend(cast, cast.coordinator)
    assert not Mail.objects.filter(kind="month-closed").exists()
    assert news_of(cast.participant, "closed") == 0


def test_one_trainer_who_does_not_stay_leaves_the_yes_of_another(cast: Cast) -> None:
    other = person("Timea Trainer")
    join(cast.space, other, role=SpaceRole.TRAINER)
    extension = extend(cast, cast.trainer)
    answered = actions.answer_extension(extension=extension, stays=False, by=other)
    assert (answered.on_hand, answered.answered_by) == (Extension.OnHand.YES, cast.trainer)
    assert actions.answer_extension(extension=extension, stays=False, by=other).on_hand == "yes"


def test_where_nobody_is_on_hand_nobody_is_asked_to_stay(cast: Cast) -> None:
    User.objects.filter(pk=cast.trainer.pk).update(suspended_at=clock.now())
    assert extend(cast, cast.coordinator).on_hand == Extension.OnHand.NO


def test_the_page_quotes_the_reason_and_asks_the_trainer_to_answer(cast: Cast, as_) -> None:
    extend(cast, cast.coordinator, reason="Many try it after the break")
    url = reverse("space", args=[cast.space.pk])
    shown = as_(cast.participant).get(url).content.decode()
    assert ": “Many try it after the break”" in shown
    assert "The trainer has been asked to stay available." in shown
    shown = as_(cast.trainer).get(url).content.decode()
    assert "Will you stay available? Answer here." in shown
    assert "has been asked" not in shown


def test_in_added_time_the_trainer_can_be_asked_only_after_their_yes(cast: Cast, as_) -> None:
    extension = extend(cast, cast.coordinator)
    url = reverse("space", args=[cast.space.pk])
    client = as_(cast.participant)
    assert "Ask the trainer" in client.get(url).content.decode()
    with clock.at(extension.previous_closes_at + dt.timedelta(days=1)):
        assert "Ask the trainer" not in client.get(url).content.decode()
        actions.answer_extension(extension=extension, stays=True, by=cast.trainer)
        assert "Ask the trainer" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("answer", "asked"), [("", "ask the others"), ("no", "ask the others"), ("yes", "ask the trainer")]
)
def test_in_added_time_mails_and_pages_name_the_trainer_only_after_their_yes(
    as_, cast: Cast, answer: str, asked: str
) -> None:
    extension = extend(cast, cast.coordinator)
    if answer:
        actions.answer_extension(extension=extension, stays=answer == "yes", by=cast.trainer)
    Extension.objects.update(previous_closes_at=clock.now() - dt.timedelta(hours=1))
    Occasion.objects.filter(kind=Occasion.Kind.WEEK_BEFORE).update(due_at=clock.now())
    jobs.sweep_occasions()
    late = person("Lena Late")
    actions.admit_completed(month=cast.month, users=[late], by=cast.coordinator)
    assert asked in Mail.objects.get(kind="month-closing", user=cast.participant).text
    assert ("and the trainer are there" in Mail.objects.get(user=late).text) == (answer == "yes")
    page = as_(cast.participant).get(reverse("space", kwargs={"pk": cast.space.pk})).content.decode()
    assert ("Ask the trainer" in page) == (answer == "yes")


def test_before_added_time_the_trainer_is_there_whatever_they_answer(cast: Cast) -> None:
    extension = extend(cast, cast.coordinator)
    actions.answer_extension(extension=extension, stays=False, by=cast.trainer)
    Occasion.objects.filter(kind=Occasion.Kind.WEEK_BEFORE).update(due_at=clock.now())
    jobs.sweep_occasions()
    assert "ask the trainer" in Mail.objects.get(kind="month-closing", user=cast.participant).text
