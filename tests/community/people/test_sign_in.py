"""Signing in: by password or by mailed code, with a verified address, without account enumeration."""

import base64
import hashlib
import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from community.people import actions, proofs
from community.people.models import User
from messaging.live import publish
from messaging.notifications.models import Mail
from tests.cast import person

pytestmark = pytest.mark.django_db

PASSWORD = "seven-blue-chairs"
KNOWN, UNKNOWN = "petra.participant@school.test", "nobody@school.test"


@pytest.fixture
def anna():
    user = person("Anna Known", language="hu")
    user.set_password(PASSWORD)
    user.save()
    return user


def mailed_code() -> str:
    return re.findall(r"^\S+-\S+$", Mail.objects.latest("pk").text, re.M)[0]


def is_signed_in(client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def outline(response) -> tuple:
    """What somebody sees of an answer: its status, where it leads, its text without tokens and addresses."""
    text = response.content.decode()
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", text)
    text = re.sub(r"[\w.]+@school\.test", "ADDRESS", text)
    return response.status_code, response.headers.get("Location"), text


def ways_in(client, address: str) -> list[tuple]:
    """Go every way that takes an address from a visitor, and note what is seen."""
    seen = []
    for name, data in (
        ("account_login", {"login": address, "password": "wrong-password"}),
        ("account_request_login_code", {"email": address}),
        ("account_reset_password", {"email": address}),
        ("account_signup", {"email": address, "name": "Some One", "password1": PASSWORD}),
        ("invitation_again", {"email": address}),
    ):
        client.cookies.clear()
        response = client.post(reverse(name), data)
        seen.append((name, *outline(response)))
        if location := response.headers.get("Location"):
            seen.append((location, *outline(client.get(location))))
    return seen


@pytest.mark.parametrize("sign_up_open", [False, True])
def test_no_page_reveals_whether_an_address_is_known(client, cast, settings, sign_up_open):
    settings.SIGN_UP_OPEN = sign_up_open
    actions.find_or_create_user(
        name="Elza Expected", address="expected@school.test", language="en", time_zone="UTC"
    )
    unknown = ways_in(client, UNKNOWN)
    assert ways_in(client, KNOWN) == unknown
    assert ways_in(client, "expected@school.test") == unknown


@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password", "invitation_again"])
def test_every_way_writes_one_mail_in_which_the_truth_stands(client, cast, name):
    actions.find_or_create_user(
        name="Elza Expected", address="expected@school.test", language="en", time_zone="UTC"
    )
    kinds = {}
    for address in (KNOWN, UNKNOWN, "expected@school.test"):
        client.cookies.clear()
        client.post(reverse(name), {"email": address})
        [mail] = Mail.objects.filter(address=address)
        kinds[address] = mail.kind
    assert kinds[UNKNOWN] == "account-unknown"
    assert kinds["expected@school.test"] == "invitation"
    assert kinds[KNOWN] in {"account-code", "account-new-password", "account-exists"}


def test_signing_in_by_password(client, anna):
    response = client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    assert response.status_code == 302
    assert is_signed_in(client)


def test_by_a_mailed_code_in_the_readers_language_and_on_to_the_page_one_came_for(client, anna):
    asked = client.post(reverse("account_request_login_code") + "?next=/me/", {"email": anna.email.upper()})
    mail = Mail.objects.get()
    assert (mail.kind, mail.language, mail.user) == ("account-code", "hu", anna)
    done = client.post(asked.headers["Location"], {"code": mailed_code()})
    assert done.headers["Location"] == "/me/"
    assert is_signed_in(client)


def test_the_address_typed_to_sign_in_is_enough_for_a_code(client, anna):
    asked = client.post(
        reverse("account_request_login_code"), {"login": anna.email, "password": "", "next": "/me/"}
    )
    done = client.post(asked.headers["Location"], {"code": mailed_code()})
    assert done.headers["Location"] == "/me/"


def test_without_an_address_a_code_is_asked_for_on_a_page_without_errors(client):
    page = client.post(reverse("account_request_login_code"), {"login": " ", "password": ""})
    assert 'name="email"' in page.content.decode()
    assert "field--invalid" not in page.content.decode()


def test_without_a_password_the_page_of_signing_in_offers_a_code(client, anna):
    page = client.post(reverse("account_login"), {"login": anna.email, "password": ""}).content.decode()
    assert "Type your password, or have a code emailed to you." in page
    assert "Not saved yet" not in page
    assert f'formaction="{reverse("account_request_login_code")}"' in page


@pytest.mark.parametrize(
    ("name", "filled"),
    [
        ("account_login", {"login": "username", "password": "current-password"}),
        ("account_request_login_code", {"email": "email"}),
        ("account_reset_password", {"email": "email"}),
        ("invitation_again", {"email": "email"}),
    ],
)
def test_browsers_know_what_to_fill_in(client, name, filled):
    page = client.get(reverse(name)).content.decode()
    inputs = {
        re.search(r'name="([^"]+)"', tag)[1]: tag for tag in re.findall(r"<input[^>]*name=[^>]*>", page)
    }
    for field, value in filled.items():
        assert f'autocomplete="{value}"' in inputs[field]


def test_a_wrong_code_does_not_sign_in(client, anna):
    client.post(reverse("account_request_login_code"), {"email": anna.email})
    response = client.post(reverse("account_confirm_login_code"), {"code": "WRONG-1"})
    assert "isn’t the code" in response.content.decode()
    assert not is_signed_in(client)


def test_an_unverified_address_does_not_sign_in(client):
    shared = User.objects.create_user("Sari Shared", "office@school.test", PASSWORD)
    client.post(reverse("account_login"), {"login": shared.email, "password": PASSWORD})
    assert not is_signed_in(client)
    client.post(reverse("account_request_login_code"), {"email": shared.email})
    assert not Mail.objects.filter(kind="account-code").exists()


def test_several_may_share_a_contact_address_and_one_may_prove_it(client, anna):
    User.objects.create_user("Bela Colleague", anna.email)
    User.objects.create_user("Cili Colleague", anna.email)
    client.post(reverse("account_request_login_code"), {"email": anna.email})
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert client.get(reverse("profile")).context["user"] == anna


def test_a_suspended_person_cannot_sign_in_and_what_they_have_open_ends(client, anna, as_):
    inside = as_(anna)
    assert is_signed_in(inside)
    actions.suspend(user=anna)
    assert not is_signed_in(inside)
    response = client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    assert response.headers["Location"] == reverse("account_inactive")
    assert not is_signed_in(client)
    client.cookies.clear()
    client.post(reverse("account_request_login_code"), {"email": anna.email})
    assert not Mail.objects.filter(kind="account-code").exists()
    actions.unsuspend(user=anna)
    client.cookies.clear()
    client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    assert is_signed_in(client)


def test_a_forgotten_password_is_reset_by_the_mailed_link(client, anna, settings):
    client.post(reverse("account_reset_password"), {"email": anna.email})
    link = re.search(r"^http\S+$", Mail.objects.get().text, re.M).group()
    assert link.startswith(settings.SITE_URL)
    page = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    set_at = page.redirect_chain[-1][0]
    client.post(set_at, {"password1": "nine-green-doors"})
    client.post(reverse("account_login"), {"login": anna.email, "password": "nine-green-doors"})
    assert is_signed_in(client)
    assert Mail.objects.filter(kind="account-password-changed", user=anna).exists()


def test_a_new_password_signs_out_everywhere_else(anna, as_):
    here, elsewhere = as_(anna), as_(anna)
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "nine-green-doors"})
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_new_password_closes_the_sockets_of_other_sessions(
    anna, as_, monkeypatch, django_capture_on_commit_callbacks
):
    hints = []
    monkeypatch.setattr(publish, "_send", hints.extend)
    new = {"oldpassword": PASSWORD, "password1": "nine-green-doors"}
    with django_capture_on_commit_callbacks(execute=True):
        as_(anna).post(reverse("account_change_password"), new)
    assert {"end": anna.pk, "session": ""} in hints


@pytest.fixture
def proved(monkeypatch):
    """Everybody has shown who they are."""
    monkeypatch.setattr(proofs, "is_proved", lambda request: True)


@pytest.mark.usefixtures("proved")
def test_a_new_address_replaces_the_old_one_when_its_code_is_entered(anna, as_):
    client = as_(anna)
    client.post(reverse("account_email"), {"email": "anna@home.test", "action_add": ""})
    assert Mail.objects.get().address == "anna@home.test"
    anna.refresh_from_db()
    assert anna.email == "anna.known@school.test"
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    anna.refresh_from_db()
    assert anna.email == "anna@home.test"
    assert actions.verified_owner_of("anna@home.test") == anna
    assert actions.verified_owner_of("anna.known@school.test") is None
    assert Mail.objects.filter(kind="account-address-changed", address="anna.known@school.test").exists()


@pytest.mark.usefixtures("proved")
def test_an_address_somebody_else_proved_cannot_be_taken_over(anna, participant, as_):
    client = as_(anna)
    client.post(reverse("account_email"), {"email": participant.email, "action_add": ""})
    response = client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    assert "másik fiókhoz tartozik" in response.content.decode()
    assert actions.verified_owner_of(participant.email) == participant


def test_sign_up_is_closed_unless_it_was_opened(client):
    assert "By invitation" in client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), {"name": "New One", "email": "new@school.test"})
    assert not User.objects.filter(email="new@school.test").exists()


def test_open_sign_up_requires_a_name_and_verifies_the_address(client, settings):
    settings.SIGN_UP_OPEN = True
    client.post(reverse("account_signup"), {"email": "new@school.test"})
    assert not User.objects.exists(), "not without a name"
    client.post(reverse("account_signup"), {"name": "New One", "email": "new@school.test"})
    user = User.objects.get()
    assert (user.name, user.joined_at, user.has_usable_password()) == ("New One", None, False)
    assert not is_signed_in(client)
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    user.refresh_from_db()
    assert user.joined_at is not None
    assert is_signed_in(client)


def test_an_invited_user_who_signs_up_gets_the_invitation_and_no_second_account(client, settings):
    settings.SIGN_UP_OPEN = True
    actions.find_or_create_user(
        name="Elza Expected", address="expected@school.test", language="en", time_zone="UTC"
    )
    client.post(reverse("account_signup"), {"name": "Elza", "email": "expected@school.test"})
    assert User.objects.count() == 1
    assert Mail.objects.get().kind == "invitation"


def test_guessing_is_slowed_down(client, anna):
    for _attempt in range(6):
        response = client.post(reverse("account_login"), {"login": anna.email, "password": "wrong-password"})
    assert "Too many attempts" in response.content.decode()
    client.post(reverse("account_login"), {"login": anna.email, "password": PASSWORD})
    assert not is_signed_in(client)


def test_asking_for_mails_is_slowed_down(client, cast):
    for _attempt in range(6):
        client.cookies.clear()
        response = client.post(reverse("invitation_again"), {"email": KNOWN})
    assert response.status_code == 429
    assert "Please wait a moment" in response.content.decode()
    assert Mail.objects.count() == 5


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_request_login_code",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_email",
        "account_set_password",
        "account_change_password",
        "account_reauthenticate",
        "account_reauthenticate_code",
        "account_logout",
        "profile",
        "invitation_again",
        "invitation_sent",
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_page_of_signing_in_is_ours_and_keeps_to_the_strict_policy(
    client, anna, settings, name, signed_in
):
    settings.SIGN_UP_OPEN = True
    if signed_in:
        client.force_login(anna)
    response = client.get(reverse(name))
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    if response.status_code == 302:
        return
    page = response.content.decode()
    assert '<main id="main"' in page
    assert not re.search(r"\sstyle=|<style|\son\w+=|placeholder=", page)
    inline = re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", page, re.S)
    assert len(inline) == (1 if signed_in else 0)
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'self' 'sha256-{digest}'" in policy


def test_verified_addresses_are_unique(anna, participant):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.create(user=anna, email=participant.email, verified=True)


@pytest.mark.parametrize(
    "typed",
    [
        "agi@iskola-győr.hu",
        "Agi@xn--iskola-gyr-74b.hu",
        "agi@ISKOLA-GYŐR.hu.\u200b",
        "mailto:agi@iskola-győr.hu",
    ],
)
def test_an_address_of_an_international_domain_signs_in_however_it_is_typed(client, typed):
    agi, _new = actions.find_or_create_user(
        name="Ágoston Ági", address="Agi@iskola-győr.hu", language="hu", time_zone="Europe/Budapest"
    )
    agi.set_password(PASSWORD)
    agi.save()
    EmailAddress.objects.create(user=agi, email=agi.email, verified=True, primary=True)
    same, new = actions.find_or_create_user(
        name="Ágoston Ági", address=typed, language="hu", time_zone="Europe/Budapest"
    )
    assert (same, new) == (agi, False)
    client.post(reverse("account_login"), {"login": typed, "password": PASSWORD})
    assert is_signed_in(client)
    client.logout()
    for name in ("account_request_login_code", "account_reset_password", "invitation_again"):
        client.cookies.clear()
        page = client.post(reverse(name), {"email": typed}, follow=True)
        assert Mail.objects.latest("pk").address == agi.email, name
        assert "xn--" not in page.text
