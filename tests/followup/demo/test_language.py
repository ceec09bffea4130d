"""The visitor's language in the demo: the same on every page, whoever they are being."""

import re

import pytest
from django.conf import settings as project
from django.urls import reverse
from django.utils import translation

from community.people import invitations
from community.people.models import User
from followup.demo import fixtures
from messaging.live import ticket
from tests.cast import person

HUNGARIAN = next(each for each in fixtures.programmes() if each.institute.language == "hu")
LANGUAGES = [code for code, _name in project.LANGUAGES]


@pytest.fixture
def demo(settings, db):
    """An installation that is a demo."""
    settings.LANGUAGE_BY_VISITOR = True


@pytest.fixture
def nora(demo):
    """One of the demo's people, whose profile is Hungarian."""
    nora = person("Nagy-Bodó Nóra", language="hu")
    nora.email = HUNGARIAN.address("nora")
    nora.save()
    return nora


def language_of(response):
    found = re.search(r'<html lang="(\w+)"', response.content.decode())
    assert found, response
    assert response["Content-Language"] == found[1]
    return found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_the_browser_stays_whoever_the_visitor_becomes(client, nora, language):
    asks = {"Accept-Language": language}
    assert language_of(client.get(reverse("demo"), headers=asks)) == language
    assert client.post(reverse("demo_sign_in"), {"person": nora.key}, headers=asks).url == "/"
    for name in ("today", "profile", "news", "demo", "demo_mails"):
        assert language_of(client.get(reverse(name), headers=asks)) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_changes_by_one_tap_on_every_page_and_the_choice_survives(client, nora, language):
    asks = {"Accept-Language": "hu" if language == "en" else "en"}
    for name in ("demo", "today", "account_login", "courses"):
        page = client.get(reverse(name), headers=asks).content.decode()
        assert re.search(rf'<button type="submit" name="language" value="{language}"', page), name
        assert page.count('<button type="submit" name="language"') == len(LANGUAGES), "said once"
    target = reverse("demo_mails")
    answer = client.post(reverse("set_language"), {"language": language, "next": target}, headers=asks)
    assert answer.url == target
    assert client.post(reverse("demo_sign_in"), {"person": nora.key}, headers=asks).url == "/"
    assert language_of(client.get(reverse("today"), headers=asks)) == language
    client.post(reverse("account_logout"), headers=asks)
    assert language_of(client.get(reverse("account_login"), headers=asks)) == language


def test_the_person_that_a_visitor_is_being_keeps_their_own_language(as_, nora):
    client = as_(nora)
    client.post(reverse("set_language"), {"language": "pl"})
    nora.refresh_from_db()
    assert nora.language == "hu"


def test_saving_a_profile_changes_the_language_only_if_it_was_chosen_there(as_, nora):
    client = as_(nora)
    client.post(reverse("set_language"), {"language": "lt"})
    same = {name: getattr(nora, name) for name in ("name", "occupation", "language", "time_zone", "theme")}
    assert language_of(client.post(reverse("profile"), same, follow=True)) == "lt"
    assert language_of(client.post(reverse("profile"), same | {"language": "ru"}, follow=True)) == "ru"


def test_what_a_visitor_writes_in_the_chat_is_in_their_language(nora, settings):
    with translation.override("pl"):
        assert ticket.Person.of(nora, "session").language == "pl"
        settings.LANGUAGE_BY_VISITOR = False
        assert ticket.Person.of(nora, "session").language == "hu"


def test_outside_the_demo_pages_are_in_the_language_of_the_profile(client, nora, settings):
    settings.LANGUAGE_BY_VISITOR = False
    client.force_login(nora)
    assert language_of(client.get(reverse("today"), headers={"Accept-Language": "pl"})) == "hu"


def test_an_invitation_in_the_demo_leaves_the_visitors_language_as_it_was(client, coordinator, demo):
    guest = User.objects.create_user("Nora Nev", "nora@school.test", language="hu", time_zone="UTC")
    invitation = invitations.invite(
        user=guest, address=guest.email, occasion="A course", next_path="/me/", by=coordinator
    )
    link, asks = invitations.link_to(invitation), {"Accept-Language": "lt"}
    assert language_of(client.get(link, headers=asks)) == "lt"
    about = {"name": "Nora New", "occupation": "teacher", "language": "hu"}
    assert language_of(client.post(link, about, headers=asks, follow=True)) == "lt"
    guest.refresh_from_db()
    assert guest.language == "hu"


def test_the_language_of_a_refused_form_changes_on_the_page_that_has_the_form(as_, coordinator, run, demo):
    page = reverse("completions", args=[run.pk])
    refused = as_(coordinator).post(
        reverse("completion_paste", args=[run.pk]),
        {"pasted": ""},
        headers={"Referer": f"http://testserver{page}"},
    )
    assert refused.status_code == 400
    assert f'name="next" value="{page}"' in refused.content.decode()


def test_titles_on_a_page_in_another_language_say_theirs(as_, participant, space, demo):
    space.language = "hu"
    space.save()
    pages = [as_(participant).get(path).content.decode() for path in ("/", reverse("space", args=[space.pk]))]
    for page in pages:
        assert '<html lang="en"' in page
        assert f'<span lang="hu">{space.title}</span>' in page, "in the rail"
    assert re.search(r'<h2[^>]*>This week: <span lang="hu">', pages[0])
    assert re.search(rf'<h1 lang="hu">{space.title}</h1>', pages[1])
    assert re.search(r'<h2 id="this-week">This week: <span lang="hu">', pages[1])
