"""Before another address or a first password, whoever sits in front of the session shows who they are."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils.http import urlencode

from common import clock
from community.people import actions, proofs
from community.people.models import User
from messaging.notifications.models import Mail
from tests.cast import person

pytestmark = pytest.mark.django_db
PASSWORD = "seven-blue-chairs"
GUARDED = ("account_email", "account_set_password")
NEW = {"email": "anna@home.test", "action_add": ""}


@pytest.fixture
def anna():
    return person("Anna Known")


@pytest.fixture
def with_password(anna):
    anna.set_password(PASSWORD)
    anna.save()
    return anna


def send_code(client) -> str:
    client.post(reverse("account_reauthenticate_code"), {"send": "yes"})
    return re.findall(r"^\S+-\S+$", Mail.objects.latest("pk").text, re.M)[0]


def enter(client, code: str, **more):
    return client.post(reverse("account_reauthenticate_code"), {"code": code, **more})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", GUARDED)
def test_a_session_left_open_is_asked_who_it_is(name, method, anna, as_):
    client = as_(anna)
    answer = getattr(client, method)(reverse(name), NEW | {"password1": PASSWORD})
    assert (
        answer.headers["Location"]
        == f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse(name)})}"
    )
    assert not Mail.objects.exists()
    assert not User.objects.get(pk=anna.pk).has_usable_password()


def test_a_code_goes_to_the_present_address_and_leads_on(anna, as_):
    client = as_(anna)
    page = client.get(reverse("account_email"), follow=True)
    assert "Please confirm it’s you" in page.content.decode()
    assert 'type="password"' not in page.content.decode()
    code = send_code(client)
    assert Mail.objects.get().address == anna.email
    done = enter(client, code, next=reverse("account_email"))
    assert done.headers["Location"] == reverse("account_email")
    client.post(reverse("account_email"), NEW)
    assert Mail.objects.latest("pk").address == "anna@home.test"


def test_a_password_proves_it_too_and_a_wrong_one_does_not(with_password, as_):
    client, page = as_(with_password), reverse("account_reauthenticate")
    assert "isn’t your password" in client.post(page, {"password": "wrong-password"}).content.decode()
    assert client.get(reverse("account_email")).status_code == 302
    assert client.post(page, {"password": PASSWORD}).status_code == 302
    assert client.get(reverse("account_email")).status_code == 200


def test_guessing_the_password_there_is_limited(with_password, as_):
    client, page = as_(with_password), reverse("account_reauthenticate")
    with clock.at(clock.now()):
        for number in range(5):
            client.post(page, {"password": f"wrong-password-{number}"})
        client.post(page, {"password": PASSWORD})
        assert client.get(reverse("account_email")).status_code == 302


def test_three_wrong_codes_make_the_right_one_void(anna, as_):
    client = as_(anna)
    code = send_code(client)
    for _time in range(proofs.MAX_WRONG_CODES):
        enter(client, "WRNG-CODE")
    enter(client, code)
    assert client.get(reverse("account_email")).status_code == 302


def test_without_a_code_nothing_proves_anything(anna, as_):
    client = as_(anna)
    for sent in ("", "None", "0000-0000"):
        enter(client, sent)
    assert client.get(reverse("account_email")).status_code == 302


def test_a_code_is_of_one_session(anna, as_):
    here, elsewhere = as_(anna), as_(anna)
    code = send_code(here)
    send_code(elsewhere)
    enter(elsewhere, code)
    assert elsewhere.get(reverse("account_email")).status_code == 302


def test_a_code_and_a_proof_end(anna, as_):
    client, now = as_(anna), clock.now()
    code = send_code(client)
    with clock.at(now + dt.timedelta(minutes=16)):
        enter(client, code)
        assert client.get(reverse("account_email")).status_code == 302
        enter(client, send_code(client))
        assert client.get(reverse("account_email")).status_code == 200
    with clock.at(now + dt.timedelta(minutes=27)):
        assert client.get(reverse("account_email")).status_code == 302


def test_a_proof_is_not_of_whoever_signs_in_next(with_password, participant, client):
    client.force_login(participant)
    enter(client, send_code(client))
    assert client.get(reverse("account_email")).status_code == 200
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": with_password.email, "password": PASSWORD})
    assert client.get(reverse("account_email")).status_code == 302


def test_it_leads_to_pages_of_this_site_only(with_password, as_):
    page = f"{reverse('account_reauthenticate')}?next=https://elsewhere.test/"
    answer = as_(with_password).post(page, {"password": PASSWORD})
    assert answer.headers["Location"] == reverse("profile")


def test_codes_are_not_mailed_without_end(anna, as_):
    client = as_(anna)
    with clock.at(clock.now()):
        for _time in range(8):
            client.post(reverse("account_reauthenticate_code"), {"send": "yes"})
        page = client.get(reverse("account_reauthenticate_code"))
    assert Mail.objects.count() == 5
    assert "Too many attempts" in page.content.decode()


def test_the_old_address_is_told_of_the_new_one(anna, as_):
    client = as_(anna)
    enter(client, send_code(client))
    client.post(reverse("account_email"), NEW)
    code = re.findall(r"^\S+-\S+$", Mail.objects.latest("pk").text, re.M)[0]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert actions.verified_owner_of("anna@home.test") == anna
    told = Mail.objects.get(kind="account-address-changed")
    assert told.address == "anna.known@school.test"
    assert told.user is None, "that mailbox is nobody's here now"


def test_who_has_no_verified_address_and_no_password_cannot_prove_anything(anna, as_):
    EmailAddress.objects.filter(user=anna).delete()
    client = as_(anna)
    client.post(reverse("account_reauthenticate_code"), {"send": "yes"})
    assert not Mail.objects.exists()
    assert client.get(reverse("account_reauthenticate")).status_code == 200
    assert client.get(reverse("account_email")).status_code == 302
