"""The administrator sets up an institute and invites its first coordinator, without becoming one."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.access import SYSTEM, Refused
from community.institutes.actions import make_institute
from community.institutes.models import Institute, Staff
from community.people.models import Invitation, User
from tests.cast import person
from tests.two_connections import concurrent

pytestmark = pytest.mark.django_db


def make(capsys, *arguments, name="Oktatási Intézet", coordinator="kata@intezet.test"):
    call_command("make_institute", name, "--coordinator", coordinator, *arguments)
    return capsys.readouterr().out


def test_the_command_creates_it_and_invites_the_coordinator(capsys, client):
    output = make(capsys, "--coordinator-name", "Kovács Kata", "--language", "hu", "--country", "hu")
    institute = Institute.objects.get()
    assert (institute.slug, institute.language, institute.country) == ("oktatasi-intezet", "hu", "HU")
    assert institute.time_zone == "Europe/Budapest"
    staff = Staff.objects.get()
    assert (staff.role, staff.user.name) == ("coordinator", "Kovács Kata")
    assert not staff.user.is_superuser
    link = re.findall(r"http\S+", output)[-1]
    assert client.get(link).status_code == 200
    assert Invitation.objects.get().next_path == reverse("institute", args=[institute.slug])


def test_doing_it_twice_makes_nothing_twice(capsys):
    make(capsys)
    make(capsys)
    make(capsys, coordinator="another@intezet.test")
    assert Institute.objects.count() == 1
    assert Staff.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_doing_it_twice_at_once_makes_nothing_twice():
    def make_it():
        make_institute(by=SYSTEM, name="New", language="hu", time_zone="Europe/Budapest")

    with concurrent(make_it) as start:
        make_it()
        start()
    assert Institute.objects.filter(name="New").count() == 1


def test_who_coordinates_it_already_is_not_invited(institute, coordinator, capsys):
    output = make(capsys, name=institute.name, coordinator=coordinator.email)
    assert "Cora Coordinator coordinates it already." in output
    assert not Invitation.objects.exists()


def test_two_institutes_whose_names_have_no_latin_letters_have_addresses_of_their_own(capsys):
    make(capsys, name="Институт")
    make(capsys, name="Другой институт")
    assert {institute.slug for institute in Institute.objects.all()} == {"institute", "institute-2"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--coordinator", "kata"], "no e-mail address"), (["--time-zone", "Europe/Atlantis"], "time zone")],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(capsys, arguments, words):
    with pytest.raises(CommandError, match=words):
        make(capsys, *arguments)
    assert not Institute.objects.exists()
    assert not User.objects.exists()


@pytest.fixture
def administrator(cast):
    return person("Ada Administrator", is_staff=True, is_superuser=True)


def test_the_administrator_invites_the_first_coordinator_on_the_page_of_the_institute(administrator, as_):
    institute = Institute.objects.create(name="New Institute", slug="new-institute", country="HU")
    client = as_(administrator)
    today = client.get(reverse("today")).content.decode()
    assert "No one coordinates it yet" in today
    assert reverse("institute", args=[institute.slug]) in today
    form = {"name": "Kovács Kata", "address": "kata@intezet.test", "role": "coordinator"}
    response = client.post(reverse("staff_add", args=[institute.slug]), form, follow=True)
    assert "We’ve emailed an invitation" in response.content.decode()
    assert Staff.objects.filter(institute=institute).get().user.name == "Kovács Kata"
    assert not Staff.objects.filter(user=administrator).exists()


def test_the_administrator_sets_up_an_institute_and_its_first_coordinator_is_invited(administrator, as_):
    client = as_(administrator)
    assert reverse("institute_new") in client.get(reverse("today")).content.decode()
    page = client.get(reverse("institute_new"))
    assert page.context["form"]["time_zone"].value() == "Europe/London"
    form = {
        "name": "New",
        "language": "hu",
        "time_zone": "Europe/Budapest",
        "coordinator": "Kovács Kata",
        "address": "kata@intezet.test",
    }
    shown = client.post(reverse("institute_new"), form, follow=True)
    institute = Institute.objects.get(name="New")
    assert shown.redirect_chain[-1][0] == reverse("institute", args=[institute.slug])
    assert institute.slug != "new"
    assert "Kovács Kata" in shown.content.decode()
    kata = Staff.objects.get(institute=institute, role="coordinator").user
    assert (kata.language, kata.mails.count()) == ("hu", 1)
    again = client.post(reverse("institute_new"), form)
    assert "already an institute with this name" in again.content.decode()
    assert Institute.objects.filter(name="New").count() == 1


def test_an_administrator_may_be_the_first_coordinator(administrator, as_):
    form = {
        "name": "New Institute",
        "language": "en",
        "time_zone": "Europe/London",
        "coordinator": administrator.name,
        "address": administrator.email,
    }
    as_(administrator).post(reverse("institute_new"), form)
    assert Staff.objects.get(institute__name="New Institute").user == administrator
    assert not administrator.mails.exists()


def test_today_leads_the_administrator_to_the_administration(administrator, as_, participant):
    page = as_(administrator).get(reverse("today")).content.decode()
    assert reverse("admin:index") in page
    assert "Your place is ready" not in page
    assert reverse("admin:index") not in as_(participant).get(reverse("today")).content.decode()


def test_an_administrator_still_reads_nothing_that_members_wrote(administrator, as_, space, run):
    assert as_(administrator).get(reverse("space", args=[space.pk])).status_code == 404
    assert as_(administrator).get(reverse("run", args=[run.pk])).status_code == 404


def test_nobody_but_an_administrator_creates_institutes(coordinator):
    with pytest.raises(Refused):
        make_institute(by=coordinator, name="Mine", language="en", time_zone="Europe/London")
    assert not Institute.objects.filter(name="Mine").exists()
