"""The page on which people ask to be erased, the week to think again, and keeping the account."""

import re

import pytest
from django.urls import reverse

from community.erasure import actions
from community.people.models import User
from messaging.notifications.models import Mail, Notification
from tests.cast import join

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"


@pytest.fixture
def asking(participant):
    """The participant, who has a password."""
    participant.set_password(PASSWORD)
    participant.save()
    return participant


def prove(client, password=PASSWORD):
    """Type the password again, as the page asks."""
    return client.post(reverse("account_reauthenticate"), {"password": password, "next": reverse("erasure")})


def ask(client, posts="stay"):
    return client.post(reverse("erasure"), {"posts": posts})


def prove_and_ask(client, **fields):
    prove(client)
    return ask(client, **fields)


def test_the_way_to_it_stands_where_one_takes_along_what_is_ones_own(as_, participant):
    assert reverse("erasure") in as_(participant).get(reverse("profile")).content.decode()


def test_the_page_says_what_goes_and_what_stays(as_, participant):
    page = as_(participant).get(reverse("erasure")).content.decode()
    for words in ("What is erased", "What stays", "Back-ups", "Download what is mine"):
        assert words in page


def test_with_the_password_it_is_asked_for_and_happens_in_a_week(as_, asking):
    client = as_(asking)
    page = client.get(reverse("erasure")).content.decode()
    assert 'name="posts"' not in page
    assert reverse("account_reauthenticate") in page
    assert prove(client).headers["Location"] == reverse("erasure")
    assert 'name="posts"' in client.get(reverse("erasure")).content.decode()
    assert ask(client).headers["Location"] == reverse("erasure")
    asking.refresh_from_db()
    assert asking.erasure_at is not None
    assert not asking.erasure_takes_posts
    assert asking.is_active
    page = client.get(reverse("today")).content.decode()
    assert "Your account will be erased on" in page
    assert reverse("erasure_keep") in page


def test_without_proof_nothing_is_asked_for(as_, asking):
    client = as_(asking)
    prove(client, password="another one entirely")
    assert ask(client).headers["Location"].startswith(reverse("account_reauthenticate"))
    asking.refresh_from_db()
    assert asking.erasure_at is None


def test_without_a_password_a_mailed_code_proves_who_asks(as_, participant):
    client = as_(participant)
    where = {"next": reverse("erasure")}
    client.post(reverse("account_reauthenticate_code"), {"send": "yes"} | where)
    code = re.search(r"^[A-Z0-9]+(-[A-Z0-9]+)+$", Mail.objects.get(user=participant).text, re.M).group()
    client.post(reverse("account_reauthenticate_code"), {"code": code} | where)
    assert ask(client, posts="go").headers["Location"] == reverse("erasure")
    participant.refresh_from_db()
    assert participant.erasure_at is not None
    assert participant.erasure_takes_posts


def test_a_mail_says_when_and_how_to_keep_the_account(as_, asking):
    prove_and_ask(as_(asking))
    mail = Mail.objects.get(kind="erasure-asked")
    assert mail.address == asking.email
    assert reverse("erasure") in mail.text
    assert "If it wasn’t you" in mail.text


def test_the_account_can_be_kept(as_, asking):
    client = as_(asking)
    prove_and_ask(client)
    page = client.post(reverse("erasure_keep"), follow=True).content.decode()
    assert "Your account stays." in page
    asking.refresh_from_db()
    assert asking.erasure_at is None
    assert "will be erased" not in page
    assert not Mail.objects.filter(kind="erasure-asked").exists(), "it has not left yet"


def test_asking_again_keeps_the_day(as_, asking):
    first = actions.ask(user=asking, takes_posts=False)
    again = actions.ask(user=asking, takes_posts=True)
    assert again.erasure_at == first.erasure_at
    assert again.erasure_takes_posts
    assert Mail.objects.filter(kind="erasure-asked").count() == 1


def test_the_last_coordinator_has_to_name_another_one_first(as_, coordinator, institute, stranger):
    coordinator.set_password(PASSWORD)
    coordinator.save()
    client = as_(coordinator)
    page = client.get(reverse("erasure")).content.decode()
    assert "Course Institute has no other coordinator." in page
    assert reverse("account_reauthenticate") not in page
    response = prove_and_ask(client)
    assert response.status_code == 403
    assert "Course Institute has no other coordinator." in response.content.decode()
    coordinator.refresh_from_db()
    assert coordinator.erasure_at is None
    institute.staff.create(user=stranger, role="coordinator")
    assert ask(client).status_code == 302


def test_of_two_coordinators_only_one_can_leave(coordinator, institute, stranger, as_):
    institute.staff.create(user=stranger, role="coordinator")
    actions.ask(user=coordinator, takes_posts=False)
    assert actions.obstacles_of(stranger)
    row = institute.staff.get(user=stranger)
    response = as_(stranger).post(reverse("staff_remove", args=[institute.slug, row.pk]))
    assert response.status_code == 403, "the one who stays cannot leave the staff either"
    actions.keep(user=coordinator)
    assert not actions.obstacles_of(stranger)


def test_coordinators_are_told_when_the_only_trainer_of_an_open_month_goes(trainer, coordinator, as_, space):
    actions.ask(user=trainer, takes_posts=False)
    page = as_(coordinator).get(reverse("news")).content.decode()
    assert "Tamara Trainer leaves on" in page
    assert space.title in page
    actions.erase_at_once(user=User.objects.get(pk=trainer.pk), takes_posts=False)
    page = as_(coordinator).get(reverse("news")).content.decode()
    assert "No one is available in" in page
    assert "Tamara" not in page


def test_they_are_not_told_when_another_trainer_is_there_or_the_trainer_stays(
    trainer, coordinator, space, stranger
):
    actions.ask(user=trainer, takes_posts=False)
    actions.keep(user=trainer)
    assert not Notification.objects.active().filter(user=coordinator).exists()
    join(space, stranger, role="trainer")
    actions.ask(user=trainer, takes_posts=False)
    assert not Notification.objects.active().filter(user=coordinator).exists()
    actions.ask(user=stranger, takes_posts=False)
    assert Notification.objects.active().filter(user=coordinator, by=stranger).exists(), "now nobody stays"


def test_who_sees_the_page_of_another_person_is_nobody(as_, participant, another_participant):
    actions.ask(user=participant, takes_posts=False)
    as_(another_participant).post(reverse("erasure_keep"))
    participant.refresh_from_db()
    assert participant.erasure_at is not None


def test_the_mail_goes_to_the_address_that_can_sign_in(participant):
    User.objects.filter(pk=participant.pk).update(email="contact@school.test")
    actions.ask(user=User.objects.get(pk=participant.pk), takes_posts=False)
    assert Mail.objects.get(kind="erasure-asked").address == "petra.participant@school.test"
