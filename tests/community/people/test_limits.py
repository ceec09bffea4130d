"""Limits that know a school: wide for a network, narrow for an account and a mailbox, and never forgotten."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from common import clock
from community.people import invitations, limits
from community.people.models import AttemptCount, User
from messaging.notifications.models import Mail
from tests.cast import person
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db
PASSWORD = "seven-blue-chairs"
SCHOOL, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def anna():
    user = person("Anna Known")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def moment():
    """One moment for a whole test, since no minute may end in the middle of it."""
    with clock.at(clock.now()):
        yield clock.now()


def teachers(many: int) -> list[User]:
    made = User.objects.bulk_create(
        User(name=f"Teacher {n}", email=f"t{n}@school.test", joined_at=clock.now()) for n in range(many)
    )
    for user in made:
        user.set_password(PASSWORD)
    User.objects.bulk_update(made, ["password"])
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made
    )
    return made


def sign_in(address: str, password: str, network: str = SCHOOL, client: Client | None = None) -> bool:
    """Whether somebody with this address and password gets in from there."""
    client = client or Client()
    answer = client.post(
        reverse("account_login"), {"login": address, "password": password}, REMOTE_ADDR=network
    )
    return answer.status_code == 302


def ask(address: str, network: str = SCHOOL, page: str = "account_request_login_code"):
    return Client().post(reverse(page), {"email": address}, REMOTE_ADDR=network)


def coming_from(network: str) -> HttpRequest:
    """A request, to count many attempts without sending each of them."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = network
    return request


def mailed_code(address: str) -> str:
    return re.findall(r"^\S+-\S+$", Mail.objects.filter(address=address).latest("pk").text, re.M)[0]


@pytest.mark.sqlite_alone
def test_forty_people_in_one_room_sign_in_by_code_within_a_minute(moment):
    for user in teachers(40):
        client = Client(REMOTE_ADDR=SCHOOL)
        client.post(reverse("account_request_login_code"), {"email": user.email})
        client.post(reverse("account_confirm_login_code"), {"code": mailed_code(user.email)})
        assert client.get(reverse("profile")).status_code == 200
    assert Mail.objects.count() == 40


@pytest.mark.sqlite_alone
def test_forty_people_in_one_room_sign_in_by_password_each_after_two_slips(moment):
    for user in teachers(40):
        assert not sign_in(user.email, "seven-blue-chair")
        assert not sign_in(user.email, "Seven-blue-chairs")
        assert sign_in(user.email, PASSWORD)


@pytest.mark.sqlite_alone
def test_forty_people_in_one_room_forgot_their_password_or_lost_their_letter(moment):
    for user in teachers(40):
        assert ask(user.email, page="account_reset_password").status_code == 302
        assert ask(user.email, page="invitation_again").status_code == 302
    assert Mail.objects.count() == 80


def test_a_guesser_at_one_account_does_not_get_on_from_many_networks(anna, moment):
    for number in range(31):
        sign_in(anna.email, f"wrong-password-{number}", f"203.0.{number}.1")
    assert not sign_in(anna.email, PASSWORD, ELSEWHERE), "the thirtieth guess was the last for an hour"
    with clock.at(clock.now() + dt.timedelta(minutes=61)):
        assert sign_in(anna.email, PASSWORD, ELSEWHERE)


@pytest.mark.sqlite_alone
def test_a_guesser_at_one_account_makes_no_more_than_a_hundred_guesses_a_day(anna):
    start, guesses = clock.now(), 0
    for minute in range(0, 24 * 60, 20):
        with clock.at(start + dt.timedelta(minutes=minute)):
            for number in range(12):
                guesses += limits.consume("password", coming_from(f"203.0.113.{number}"), anna.email)
    assert guesses == 100


def test_a_guesser_elsewhere_does_not_at_once_shut_out_who_is_meant(anna, moment):
    for number in range(10):
        sign_in(anna.email, f"wrong-password-{number}", ELSEWHERE)
    assert not sign_in(anna.email, PASSWORD, ELSEWHERE)
    assert sign_in(anna.email, PASSWORD, SCHOOL)


def test_whose_password_is_being_guessed_comes_in_by_a_code(anna, moment):
    for number in range(31):
        sign_in(anna.email, f"wrong-password-{number}", f"203.0.{number}.1")
    assert not sign_in(anna.email, PASSWORD)
    client = Client(REMOTE_ADDR=SCHOOL)
    client.post(reverse("account_request_login_code"), {"email": anna.email})
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code(anna.email)})
    assert client.get(reverse("profile")).status_code == 200


def test_a_guesser_with_many_names_from_one_network_is_stopped(anna, moment):
    for number in range(150):
        assert limits.consume("password", coming_from(ELSEWHERE), f"name{number}@school.test")
    assert not sign_in(anna.email, PASSWORD, ELSEWHERE)
    assert sign_in(anna.email, PASSWORD, SCHOOL)


def test_the_right_password_is_not_counted(anna, moment):
    for _time in range(30):
        assert sign_in(anna.email, PASSWORD)


@pytest.mark.sqlite_alone
def test_spraying_other_names_does_not_reset_a_count(anna, moment):
    for number in range(5):
        sign_in(anna.email, f"wrong-password-{number}", ELSEWHERE)
    for number in range(330):
        cache.set(f"filler-{number}", number)
        limits.consume("password", coming_from(f"203.0.{number % 250}.9"), f"other{number}@school.test")
    cache.clear()
    assert not sign_in(anna.email, PASSWORD, ELSEWHERE)


def test_limits_hold_without_a_cache(anna, moment, monkeypatch):
    def away(*_arguments, **_more):
        raise ConnectionError

    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(type(cache._connections["default"]), name, away)
    for number in range(5):
        sign_in(anna.email, f"wrong-password-{number}")
    assert not sign_in(anna.email, PASSWORD)
    assert sign_in(anna.email, PASSWORD, ELSEWHERE)


def test_a_session_left_open_does_not_guess_the_password_on_the_page_that_changes_it(anna, as_, moment):
    client = as_(anna)
    for number in range(6):
        wrong = {"oldpassword": f"wrong-password-{number}", "password1": "nine-green-doors"}
        client.post(reverse("account_change_password"), wrong)
    right = {"oldpassword": PASSWORD, "password1": "nine-green-doors"}
    assert "Too many attempts" in client.post(reverse("account_change_password"), right).content.decode()
    assert User.objects.get(pk=anna.pk).check_password(PASSWORD)


def test_one_person_cannot_be_mailed_over_and_over_by_going_one_way_after_the_other(anna, moment):
    pages = ("account_request_login_code", "account_reset_password", "invitation_again")
    for number in range(12):
        ask(anna.email, ELSEWHERE, pages[number % 3])
    assert Mail.objects.filter(address=anna.email).count() == 5


def test_who_asks_elsewhere_for_codes_of_somebody_does_not_keep_them_out(anna, moment):
    for minute in range(30):
        with clock.at(moment + dt.timedelta(minutes=minute)):
            answer = ask(anna.email, ELSEWHERE)
    assert "Please try again in an hour" in answer.content.decode()
    assert Mail.objects.count() == 10
    client = Client(REMOTE_ADDR=SCHOOL)
    with clock.at(moment + dt.timedelta(minutes=30)):
        client.post(reverse("account_request_login_code"), {"email": anna.email})
        client.post(reverse("account_confirm_login_code"), {"code": mailed_code(anna.email)})
        assert client.get(reverse("profile")).status_code == 200
    with clock.at(moment + dt.timedelta(minutes=61)):
        assert ask(anna.email, ELSEWHERE).status_code == 302, "as the page said"


@pytest.mark.sqlite_alone
def test_many_networks_together_do_not_mail_one_person_without_end(anna, moment):
    for number in range(65):
        ask(anna.email, f"203.0.{number}.1")
    assert Mail.objects.count() == 60


@pytest.mark.parametrize(
    ("action", "attempts", "says"),
    [("mail", 5, "a few minutes"), ("unsent", 30, "in an hour"), ("stranger", 1, "tomorrow")],
)
def test_who_was_too_often_reads_how_long_to_wait(action, attempts, says, moment):
    for _time in range(attempts):
        assert limits.consume(action, coming_from(SCHOOL), "anna@school.test")
    assert not limits.consume(action, coming_from(SCHOOL), "anna@school.test")
    assert says in limits.too_often(action, coming_from(SCHOOL), "anna@school.test")


@pytest.mark.parametrize("address", ["anna.known@school.test", "nobody@school.test"])
def test_a_code_that_arrived_works_on_when_another_is_refused(address, anna, moment):
    client = Client(REMOTE_ADDR=SCHOOL)
    for _time in range(4):
        ask(address)
    client.post(reverse("account_request_login_code"), {"email": address})
    refused = client.post(reverse("account_confirm_login_code"), {"action": "resend"}, follow=True)
    assert "Too many attempts" in refused.content.decode()
    if address == anna.email:
        client.post(reverse("account_confirm_login_code"), {"code": mailed_code(address)})
        assert client.get(reverse("profile")).status_code == 200


def test_a_code_for_another_address_works_on_when_another_is_refused(anna, as_, monkeypatch, moment):
    monkeypatch.setattr("community.people.proofs.is_proved", lambda request: True)
    client, address, page = as_(anna), "anna@home.test", reverse("account_email_verification_sent")
    for _time in range(2):
        client.post(reverse("account_email"), {"email": address, "action_add": ""})
    client.post(page, {"action": "resend"})
    refused = client.post(page, {"action": "resend"}, follow=True)
    assert "Too many attempts" in refused.content.decode()
    again = client.post(reverse("account_email"), {"email": address, "action_add": ""})
    assert "Too many attempts" in again.content.decode()
    assert Mail.objects.count() == 3
    client.post(page, {"code": mailed_code(address)})
    assert EmailAddress.objects.get(user=anna).email == address


def test_a_code_of_a_sign_up_works_on_when_another_is_left_out(settings, moment):
    settings.SIGN_UP_OPEN = True
    client, address, page = Client(), "new@school.test", reverse("account_email_verification_sent")
    for _time in range(2):
        client.post(reverse("account_signup"), {"email": address, "name": "New One"})
    for _time in range(2):
        page_again = client.post(page, {"action": "resend"}, follow=True).content.decode()
    assert Mail.objects.count() == 3
    assert "Too many attempts" not in page_again, "it would tell that nobody has this address"
    client.post(page, {"code": mailed_code(address)})
    assert EmailAddress.objects.filter(email=address, verified=True).exists()


def test_an_address_that_nobody_knows_gets_one_mail_a_day(moment):
    for hour in (0, 1, 23):
        with clock.at(clock.now() + dt.timedelta(hours=hour)):
            assert ask("nobody@school.test").status_code == 302
            assert ask("NOBODY@school.test", ELSEWHERE, "invitation_again").status_code == 302
    assert Mail.objects.count() == 1
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        ask("nobody@school.test")
    assert Mail.objects.count() == 2


@pytest.mark.sqlite_alone
def test_a_stranger_cannot_have_mail_sent_to_many_addresses(moment):
    for number in range(25):
        assert ask(f"stranger{number}@elsewhere.test", ELSEWHERE).status_code == 302
    assert Mail.objects.count() == 20
    ask("stranger@elsewhere.test", SCHOOL)
    assert Mail.objects.count() == 21, "another network is not stopped by it"
    for number in range(179):
        assert limits.consume("stranger", coming_from(f"203.0.{number}.1"), f"more{number}@elsewhere.test")
    assert ask("last@elsewhere.test", "203.0.200.1").status_code == 302
    assert Mail.objects.count() == 21, "nor can many networks together have more sent"


def test_an_invited_address_gets_three_mails_an_hour_and_six_a_day(coordinator):
    guest = User.objects.create_user("Nora New", "nora@school.test")
    start = clock.now()
    counts = []
    for hour in range(5):
        for minute in (0, 2, 4, 6, 8):
            with clock.at(start + dt.timedelta(hours=hour, minutes=minute)):
                ask(guest.email, page="invitation_again")
                Mail.objects.filter(sent_at=None).update(sent_at=clock.now())
        counts.append(Mail.objects.count())
    assert counts == [3, 6, 6, 6, 6]
    assert invitations.link_to(guest.invitations.get()) in Mail.objects.latest("pk").text


def test_invitations_of_the_institute_wait_for_their_turn_and_are_not_lost(coordinator):
    guest = User.objects.create_user("Nora New", "nora@school.test")
    start = clock.now()
    for minute in range(5):
        with clock.at(start + dt.timedelta(minutes=minute)):
            invitations.invite(
                user=guest, address=guest.email, occasion=f"Month {minute}", next_path="/", by=coordinator
            )
            Mail.objects.due().update(sent_at=clock.now())
    [waiting] = Mail.objects.waiting()
    assert waiting.subject.endswith("Month 4")
    assert waiting.not_before == start + dt.timedelta(hours=1)


def test_open_sign_up_mails_a_stranger_three_codes_an_hour(settings):
    settings.SIGN_UP_OPEN = True
    start = clock.now()
    for minute in range(0, 30, 3):
        with clock.at(start + dt.timedelta(minutes=minute)):
            Client().post(reverse("account_signup"), {"email": "new@school.test", "name": "New One"})
            Mail.objects.update(sent_at=clock.now())
    assert Mail.objects.count() == 3


def test_a_change_of_address_mails_few_strangers(anna, as_, monkeypatch, moment):
    monkeypatch.setattr("community.people.proofs.is_proved", lambda request: True)
    client = as_(anna)
    for number in range(8):
        client.post(reverse("account_email"), {"email": f"a{number}@home.test", "action_add": ""})
    assert Mail.objects.count() == 5


def test_a_count_names_nobody_and_is_deleted_a_day_after_its_period(anna, moment):
    sign_in(anna.email, "wrong-password")
    assert not any(
        "anna" in key or SCHOOL in key for key in AttemptCount.objects.values_list("key", flat=True)
    )
    with clock.at(clock.now() + dt.timedelta(hours=23)):
        assert limits.delete_counts(100) == 0
    with clock.at(clock.now() + dt.timedelta(days=2, minutes=1)):
        limits.delete_counts(100)
        assert not AttemptCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_guesses_at_the_same_moment_are_both_counted():
    def guess() -> bool:
        return limits.consume("password", coming_from(ELSEWHERE), "anna@school.test")

    for _time in range(4):
        assert guess()
    other = []
    with concurrent(lambda: other.append(guess())) as start:
        assert guess()
        start()
    assert other == [False]
