"""What an invitation says: what it is to, who the trainer is, until when, and what it costs."""

import datetime as dt

import pytest
from django.test import Client

from common import clock
from common.access import SYSTEM
from common.dates import in_full, span_in_words
from community.institutes.actions import add_staff
from community.people import invitations
from community.people.actions import suspend
from community.people.models import User
from community.spaces.actions import dismiss_member
from community.spaces.models import Space
from followup.courses.models import Run, RunTrainer
from followup.courses.run_actions import add_trainer, remove_trainer
from followup.months import actions
from messaging.notifications.models import Mail
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest() -> User:
    return User.objects.create_user(
        "Nora Nev", "nora@school.test", language="en", time_zone="Europe/Budapest"
    )


def invited(cast: Cast, guest: User) -> Mail:
    actions.admit_completed(month=cast.month, users=[guest], by=cast.coordinator)
    return Mail.objects.get(kind="invitation")


def page_of(guest: User, client: Client) -> str:
    return client.get(invitations.link_to(guest.invitations.get())).content.decode()


def test_an_invitation_to_a_follow_up_says_course_trainer_days_and_that_it_takes_a_minute(
    cast: Cast, guest: User
) -> None:
    mail = invited(cast, guest)
    space = Space.objects.get(pk=cast.space.pk)
    with in_full():
        days = span_in_words(cast.month.opened_on, space.last_day)
    assert mail.subject == "Invitation to the follow-up: Formative assessment in practice"
    assert f"Institute: Course Institute\nTrainer: Tamara Trainer\nFollow-up: {days}\n" in mail.text
    assert "Invited by: Cora Coordinator" in mail.text
    assert "ask the trainer" in mail.text
    assert "Joining takes a minute" in mail.text


def test_its_page_says_the_same_and_asks_for_nothing(cast: Cast, guest: User, client: Client) -> None:
    invited(cast, guest)
    page = page_of(guest, client)
    for words in ("Welcome, Nora Nev", "Formative assessment in practice", "Tamara Trainer"):
        assert words in page
    asked, _summary, folded = page.partition("<main")[2].partition("<details")
    assert asked.count("<input") == 1, "the token of the form"
    assert 'name="name" value="Nora Nev"' in folded


def test_an_error_in_what_is_folded_away_opens_it(cast: Cast, guest: User, client: Client) -> None:
    invited(cast, guest)
    link = invitations.link_to(guest.invitations.get())
    about_me = {"name": "Nora Nev", "language": "en", "password": "short"}
    assert '<details class="fold" open' in client.post(link, about_me).content.decode()


def test_the_language_of_the_page_is_the_one_that_is_selected(
    cast: Cast, guest: User, client: Client
) -> None:
    invited(cast, guest)
    client.post("/language/", {"language": "hu", "next": "/"})
    assert '<option value="hu" selected>' in page_of(guest, client)


def test_an_invitation_without_a_trainer_on_hand_promises_none(cast: Cast, guest: User) -> None:
    suspend(user=cast.trainer)
    mail = invited(cast, guest)
    assert "rainer" not in mail.text
    assert "ask them" in mail.text


def test_after_the_end_it_says_what_is_left_to_do(cast: Cast, guest: User, client: Client) -> None:
    invited(cast, guest)
    after = Space.objects.get(pk=cast.space.pk).closes_at
    assert after is not None
    guest.invitations.update(expires_at=after + dt.timedelta(days=1))
    with clock.at(after):
        assert "The discussion after it is over" in page_of(guest, client)


def test_a_trainer_is_invited_to_be_asked_and_learns_who_else_trains(cast: Cast) -> None:
    add_trainer(run=cast.run, name="Zita New", address="zita@school.test", by=cast.coordinator)
    mail = Mail.objects.filter(kind="invitation").latest("pk")
    assert mail.subject == "Invitation for trainers: Formative assessment in practice"
    assert "With you: Tamara Trainer" in mail.text
    assert "asks you" in mail.text


def test_each_of_the_trainers_invited_together_learns_who_the_others_are(cast: Cast) -> None:
    first = cast.run
    run = Run.objects.create(course=first.course, starts_on=first.starts_on, ends_on=first.ends_on)
    for name in ("Zita New", "Zoe New"):
        trainer = User.objects.create_user(name, f"{name[:3].lower()}@school.test", language="en")
        RunTrainer.objects.create(run=run, user=trainer)
    actions.open_month(run=run, how="completions", by=SYSTEM)
    mails = {mail.user.name: mail.text for mail in Mail.objects.filter(kind="invitation")}
    assert "With you: Zoe New\n" in mails["Zita New"]
    assert "With you: Zita New\n" in mails["Zoe New"]


def test_trainers_are_told_who_else_trains_and_not_that_they_do_when_a_follow_up_opens(cast: Cast) -> None:
    first = cast.run
    run = Run.objects.create(course=first.course, starts_on=first.starts_on, ends_on=first.ends_on)
    for user in (cast.trainer, cast.stranger):
        RunTrainer.objects.create(run=run, user=user)
    actions.open_month(run=run, how="completions", by=SYSTEM)
    mails = {mail.user: mail.text for mail in Mail.objects.filter(kind="month-opened")}
    assert "With you: Sara Stranger\n" in mails[cast.trainer]
    assert "With you: Tamara Trainer\n" in mails[cast.stranger]
    assert "Trainer: " not in mails[cast.trainer]


def test_who_trains_a_group_whose_follow_up_is_open_is_not_told_that_it_will_open(cast: Cast) -> None:
    add_trainer(run=cast.run, name="Zita New", address="zita@school.test", by=cast.coordinator)
    mail = Mail.objects.filter(kind="invitation").latest("pk")
    assert "its follow-up opens" not in mail.text
    assert "Follow-up: " in mail.text


def test_who_was_dismissed_before_they_joined_learns_nothing_more_of_the_follow_up(
    cast: Cast, guest: User, client: Client
) -> None:
    invited(cast, guest)
    assert "Tamara Trainer" in page_of(guest, client)
    dismiss_member(space=cast.space, user=guest, by=cast.coordinator)
    page = page_of(guest, client)
    assert "Welcome, Nora Nev" in page
    assert "Tamara Trainer" not in page
    assert "Now comes its follow-up" not in page


def test_who_no_longer_trains_a_group_is_not_told_so(cast: Cast, client: Client) -> None:
    trainer, _added = add_trainer(
        run=cast.run, name="Zita New", address="zita@school.test", by=cast.coordinator
    )
    assert "With you" in page_of(trainer.user, client)
    remove_trainer(trainer=trainer, by=cast.coordinator)
    assert "With you" not in page_of(trainer.user, client)


def test_who_joins_the_staff_learns_of_which_institute_and_as_what(cast: Cast) -> None:
    add_staff(
        institute=cast.institute, by=SYSTEM, name="Ivo New", address="ivo@school.test", role="evaluator"
    )
    mail = Mail.objects.get(kind="invitation")
    assert mail.subject == "Invitation: Course Institute"
    assert "Your role: evaluator" in mail.text
