"""Who a list of names and addresses means."""

import datetime as dt

import pytest
from django.urls import reverse

from common import clock
from community.people import actions
from community.people.models import User

pytestmark = pytest.mark.django_db


def find_or_create_user(name="Nora New", address="nora@school.test", **more):
    return actions.find_or_create_user(
        name=name, address=address, language="hu", time_zone="Europe/Budapest", **more
    )


def test_somebody_new_is_written_down_without_a_way_in():
    user, new = find_or_create_user(occupation="teacher")
    assert new
    assert user.joined_at is None
    assert not user.has_usable_password()
    assert (user.language, user.time_zone, user.occupation) == ("hu", "Europe/Budapest", "teacher")


def test_the_same_line_twice_means_one_person():
    first, _new = find_or_create_user()
    again, new = find_or_create_user(address="  NORA@school.test ")
    assert (again, new) == (first, False)
    assert User.objects.count() == 1


def test_who_proved_the_address_is_meant_and_keeps_the_name_they_gave(participant):
    user, new = find_or_create_user(name="P. Participant", address=participant.email)
    assert (user, new) == (participant, False)
    assert user.name == "Petra Participant"


def test_of_two_who_wait_at_one_address_the_name_decides():
    nora, _new = find_or_create_user()
    mari = User.objects.create_user("Mari Colleague", "nora@school.test")
    assert find_or_create_user(name="mari colleague")[0] == mari
    assert find_or_create_user(name="Nora New")[0] == nora


def test_a_contact_address_of_somebody_who_joined_is_not_proof(participant):
    participant.email = "office@school.test"
    participant.save()
    user, new = find_or_create_user(address="office@school.test")
    assert new
    assert user != participant


def test_a_second_list_with_another_spelling_does_not_rename_who_waits():
    nora, _new = find_or_create_user()
    again, new = find_or_create_user(name="Nora Newman")
    assert (again, new) == (nora, False)
    assert again.name == "Nora New"


def test_name_and_password_of_an_open_sign_up_are_replaced_by_the_list(client, settings):
    settings.SIGN_UP_OPEN = True
    typed = {"name": "Not Nora", "email": "nora@school.test", "password1": "set-by-a-stranger"}
    client.post(reverse("account_signup"), typed)
    stranger = User.objects.get()
    assert stranger.has_usable_password()
    user, new = find_or_create_user()
    assert (user, new) == (stranger, False)
    assert user.name == "Nora New"
    assert not user.has_usable_password()


def test_whoever_signed_up_openly_and_is_listed_twice_has_the_name_that_is_listed_first(client, settings):
    settings.SIGN_UP_OPEN = True
    typed = {"name": "Not Nora", "email": "nora@school.test", "password1": "set-by-a-stranger"}
    client.post(reverse("account_signup"), typed)
    names = ["Nora New", "Nora Newman"]
    listed = [actions.Listed(name, "nora@school.test", "hu", "Europe/Budapest") for name in names]
    [(first, _is_new), (second, _is_new_too)] = actions.find_or_create_users(listed)
    assert first == second
    assert User.objects.get().name == "Nora New"


def test_people_without_an_address_are_each_their_own():
    one, _new = find_or_create_user(address="")
    two, new = find_or_create_user(address="")
    assert new
    assert one != two


def test_a_list_of_many_costs_as_many_statements_as_one_of_two(participant, django_assert_max_num_queries):
    def listed(name: str, address: str) -> actions.Listed:
        return actions.Listed(name, address, language="hu", time_zone="Europe/Budapest")

    waiting, _new = find_or_create_user(name="Vera Waiting", address="vera@school.test")
    people = [
        listed("P. Participant", participant.email),
        listed("Vera", "VERA@school.test"),
        *(listed(f"Person {number}", f"p{number}@school.test") for number in range(40)),
        listed("Person 3", "P3@school.test"),
        listed("Without an address", ""),
        listed("Without an address", ""),
    ]
    # One more on PostgreSQL, which locks the addresses.
    with django_assert_max_num_queries(7):
        found = actions.find_or_create_users(people)
    assert [user for user, _new in found[:2]] == [participant, waiting]
    assert [is_new for _user, is_new in found] == [False, False, *[True] * 40, False, True, True]
    assert found[42][0] == found[5][0] != found[6][0]
    assert User.objects.filter(email__startswith="p", joined_at=None).count() == 40
    assert not found[5][0].has_usable_password()


def test_who_waits_from_another_list_and_is_listed_twice_has_the_name_that_is_listed_first(cast):
    waiting, _new = find_or_create_user(name="Nora Old")
    User.objects.update(created_at=clock.now() - dt.timedelta(days=1))
    listed = [
        actions.Listed(name, "nora@school.test", language="hu", time_zone="Europe/Budapest")
        for name in ("Nora New", "Nora Newman")
    ]
    found = actions.find_or_create_users(listed, institute=cast.institute.pk)
    assert [user for user, _new in found] == [waiting, waiting]
    assert User.objects.get(pk=waiting.pk).name == "Nora New"
