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
from community.spaces.models import Space
from followup.courses.run_actions import add_trainer
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


def test_who_joins_the_staff_learns_of_which_institute_and_as_what(cast: Cast) -> None:
    add_staff(
        institute=cast.institute, by=SYSTEM, name="Ivo New", address="ivo@school.test", role="evaluator"
    )
    mail = Mail.objects.get(kind="invitation")
    assert mail.subject == "Invitation: Course Institute"
    assert "Your role: evaluator" in mail.text
