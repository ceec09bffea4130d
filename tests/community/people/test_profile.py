"""Me: names, occupation, language, time zone, colours."""

import pytest
from django.urls import reverse
from django.utils import translation

from community.people.models import User
from community.people.zones import city_of, default_zone, grouped_choices

pytestmark = pytest.mark.django_db

ME = {
    "name": " Petra   Participant-Nagy ",
    "preferred_name": " Petra\u200b ",
    "occupation": "head",
    "language": "lt",
    "time_zone": "Europe/Vilnius",
    "theme": "dark",
}


def test_a_profile_is_changed_and_speaks_the_new_language_at_once(participant, as_):
    client = as_(participant)
    page = client.post(reverse("profile"), ME, follow=True)
    participant.refresh_from_db()
    assert (participant.name, participant.preferred_name) == ("Petra Participant-Nagy", "Petra")
    assert (participant.language, participant.time_zone) == ("lt", "Europe/Vilnius")
    assert (participant.occupation, participant.theme) == ("head", "dark")
    assert '<html lang="lt"' in page.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"name": "  "}, {"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"theme": "pink"}]
)
def test_what_cannot_be_is_not_saved(participant, as_, wrong):
    response = as_(participant).post(reverse("profile"), ME | wrong)
    assert response.status_code == 200
    participant.refresh_from_db()
    assert participant.name == "Petra Participant"


@pytest.mark.parametrize("language", ["en", "hu", "pl", "lt", "ru"])
def test_every_time_zone_stands_in_the_list_once_under_one_label_and_ours_come_first(language):
    with translation.override(language):
        groups = grouped_choices()
    names, labels = zip(*(zone for _group, zones in groups for zone in zones), strict=True)
    assert len(names) == len(set(names))
    assert len(labels) == len(set(labels))
    assert names[0] == "Europe/Budapest"
    assert {"America/Argentina/Ushuaia", "UTC", "Europe/Samara"} <= set(names)
    assert all(default_zone(language) in names for language in ("en", "hu", "pl", "lt", "ru"))


@pytest.mark.parametrize(
    ("language", "region", "zones"),
    [
        ("pl", "Europa", {"Europe/Vienna": "Austria, Wiedeń", "Europe/Rome": "Włochy, Rzym"}),
        ("ru", "Азия", {"Asia/Omsk": "Россия, Омск", "Asia/Shanghai": "Китай, Шанхай"}),
        ("en", "Europe", {"Europe/Vienna": "Austria, Vienna", "Europe/Monaco": "Monaco"}),
    ],
)
def test_time_zones_stand_by_country_and_city_as_the_reader_calls_them(language, region, zones):
    with translation.override(language):
        listed = dict(dict(grouped_choices())[region])
        assert city_of("Europe/Budapest") == translation.gettext("Budapest")
        for name, label in zones.items():
            assert city_of(name) == label.rpartition(", ")[2]
    assert {name: listed[name] for name in zones} == zones


def test_a_visitor_chooses_a_language_and_stays_on_the_page(client):
    response = client.post(reverse("set_language"), {"language": "pl", "next": "/account/login/?next=/me/"})
    assert response.headers["Location"] == "/account/login/?next=/me/"
    assert '<html lang="pl"' in client.get(reverse("account_login")).content.decode()


def test_the_language_of_who_is_signed_in_goes_into_the_profile(participant, as_):
    as_(participant).post(reverse("set_language"), {"language": "ru"})
    participant.refresh_from_db()
    assert participant.language == "ru"


@pytest.mark.parametrize("target", ["https://else.test/", "//else.test/", "/\\else.test", "/\t/else.test"])
def test_choosing_a_language_leads_nowhere_but_to_our_own_pages(client, target):
    response = client.post(reverse("set_language"), {"language": "pl", "next": target})
    assert response.headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(participant, as_):
    as_(participant).post(reverse("set_language"), {"language": "tlh"})
    participant.refresh_from_db()
    assert participant.language == "en"


def test_to_be_counted_among_the_readers_of_a_room_is_a_choice(participant, as_):
    client = as_(participant)
    assert 'name="shows_reading"' in client.get(reverse("profile")).text
    for chosen in (True, False):
        client.post(reverse("profile"), ME | ({"shows_reading": "on"} if chosen else {}))
        participant.refresh_from_db()
        assert participant.shows_reading is chosen


def test_a_zone_that_no_list_has_is_kept_until_another_is_chosen(participant, as_):
    User.objects.filter(pk=participant.pk).update(time_zone="US/Pacific")
    page = as_(participant).get(reverse("profile")).text
    assert '<option value="US/Pacific" selected>' in page
