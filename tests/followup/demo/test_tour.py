"""The tour of the demo, and the second window."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.urls import reverse

from followup.demo import fixtures, people, sample_list, windows
from followup.demo.tour import STOPS, Tour
from followup.lists.parser import parse
from tests.cast import person

HUNGARIAN = next(each for each in fixtures.programmes() if each.institute.language == "hu")
LANGUAGES = [code for code, _name in project.LANGUAGES]


def of_the_demo(user, key):
    """The user, who becomes one of the people of the Hungarian programme."""
    user.email = HUNGARIAN.address(key)
    user.save()
    return user


@pytest.fixture
def demo(cast, settings):
    """The cast as people of the demo: a participant, a trainer and a coordinator of one space."""
    settings.LANGUAGE_BY_VISITOR = True
    of_the_demo(cast.participant, "nora")
    of_the_demo(cast.trainer, "eva")
    of_the_demo(cast.coordinator, "ildiko")
    return cast


def go(client, **posted):
    return client.post(reverse("demo_tour"), posted)


def who(client):
    return int(client.session["_auth_user_id"])


def test_five_stops_lead_from_person_to_person_and_from_place_to_place(client, demo):
    places = []
    for number in range(1, 6):
        places.append((who(client) if number > 1 else None, go(client, stop=number).url))
    assert [place for _who, place in places] == [
        "/",
        "/",
        reverse("completions", args=[demo.run.pk]),
        reverse("space_room", args=[demo.space.pk]),
        reverse("demo_mails"),
    ]
    assert [user for user, _place in places[1:]] == [
        demo.participant.pk,
        demo.trainer.pk,
        demo.coordinator.pk,
        demo.participant.pk,
    ]
    assert who(client) == demo.participant.pk


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_where_one_is_on_the_tour_and_what_to_do_there(client, demo, language):
    client.cookies[project.LANGUAGE_COOKIE_NAME] = language
    for number, stop in enumerate(STOPS, start=1):
        page = client.get(go(client, stop=number).url).content.decode()
        (strip,) = re.findall(r'<section class="tour".*?</section>', page, re.S)
        assert f'lang="{language}"' in page
        assert strip.count("tour__dot") == 5
        assert re.search(rf'value="{number}"[^>]*aria-current="step"', strip)
        assert ('name="finish"' in strip) is (number == 5)
        if language == "en":
            assert str(stop.title) in strip


def test_it_can_be_left_at_any_moment_and_taken_up_again(client, demo):
    go(client, stop=3)
    left = go(client, leave=1, next="/me/")
    assert left.url == "/me/"
    page = client.get("/me/").content.decode()
    assert '<section class="tour"' not in page
    assert re.search(r'name="stop" value="3" title="Resume the tour"', page), "the way back"
    assert '<section class="tour"' in client.get(go(client, stop=3).url).content.decode()
    assert go(client, finish=1).url == reverse("demo")
    assert 'name="stop" value="1"' in client.get(reverse("demo")).content.decode()


@pytest.mark.parametrize("path", ["", "https://attacker.test/", "//attacker.test/"])
def test_leaving_it_leads_to_no_other_site(client, demo, path):
    assert go(client, leave=1, next=path).url == reverse("demo")


@pytest.mark.parametrize("stop", ["", "0", "6", "-1", "one", "²"])
def test_there_is_no_other_stop(client, demo, stop):
    assert go(client, stop=stop).status_code == 404


@pytest.mark.parametrize("cookie", ["", "0", "6", "9", "left-", "left-9", "<b>", "1" * 50])
def test_a_cookie_that_is_none_of_ours_is_no_tour(client, demo, cookie):
    client.cookies["demo_tour"] = cookie
    page = client.get(reverse("demo"))
    assert page.context["demo_tour"] is None


def test_the_tour_costs_no_page_a_statement(as_, demo, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counted = as_(demo.participant), []
    client.get("/")
    for cookie in ("", "1", "4", "left-2"):
        client.cookies["demo_tour"] = cookie
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_without_people_the_tour_leads_to_their_page(client, db):
    assert go(client, stop=1).url == reverse("demo")


@pytest.mark.parametrize("programme", fixtures.programmes(), ids=lambda each: each.institute.slug)
def test_the_sample_list_brings_three_people_and_one_row_to_mend(programme, demo):
    from followup.completions.actions import days_of

    text = sample_list.sample_for(programme)
    listing = parse(text.encode("utf-8-sig"), days=days_of(demo.run), language=programme.institute.language)
    assert len(listing.refused) == 1
    assert len(listing.rows) == 1 + 3
    taken = [row for row in listing.rows if not row.reason]
    assert all(row.address.endswith(fixtures.DOMAIN) for row in taken)


def test_the_sample_list_is_offered_where_it_is_asked_for_ready_to_be_sent_and_as_a_file(client, demo):
    page = client.get(go(client, stop=3).url).content.decode()
    (form,) = re.findall(r'<form method="post" action="([^"]*paste/)">(.*?)</form>', page, re.S)[:1]
    (text,) = re.findall(r'<textarea name="pasted" hidden>(.*?)</textarea>', form[1], re.S)
    preview = client.post(form[0], {"pasted": text}, follow=True).content.decode()
    assert "Kelemen Panna" in preview
    file = client.get(reverse("demo_sample"))
    assert file.content.decode("utf-8-sig") == text
    assert "attachment" in file["Content-Disposition"]


@pytest.fixture
def at_home(settings):
    """A server that answers under both of its names, as that of make run."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]


def second_link(client, space, host="localhost:8000"):
    client.cookies["demo_tour"] = "4"
    page = client.get(reverse("space_room", args=[space.pk]), headers={"Host": host}).content.decode()
    (strip,) = re.findall(r'<section class="tour".*?</section>', page, re.S)
    return next(iter(re.findall(r'href="(http[^"]*/second/[^"]*)"', strip)), None)


def test_the_second_window_is_the_other_of_two_who_talk(client, as_, demo, at_home):
    for first, second in ((demo.participant, demo.trainer), (demo.trainer, demo.participant)):
        link = urlsplit(second_link(as_(first), demo.space))
        assert link.netloc == "127.0.0.1:8000"
        answer = client.get(link.path, headers={"Host": link.netloc})
        assert answer.url == reverse("space_room", args=[demo.space.pk])
        assert who(client) == second.pk


def test_the_second_window_speaks_the_language_of_the_first(client, as_, demo, at_home):
    first = as_(demo.participant)
    first.cookies[project.LANGUAGE_COOKIE_NAME] = "lt"
    page = client.get(urlsplit(second_link(first, demo.space)).path, follow=True)
    assert '<html lang="lt"' in page.content.decode()


def test_a_pass_that_is_forged_or_of_yesterday_signs_nobody_in(client, as_, demo, at_home, monkeypatch):
    path = urlsplit(second_link(as_(demo.participant), demo.space)).path
    assert client.get(path[:-2] + "/").url == reverse("demo")
    monkeypatch.setattr(windows, "PASS_SECONDS", -1)
    assert client.get(path).url == reverse("demo")
    assert "_auth_user_id" not in client.session


def test_who_is_nobody_of_the_demo_picks_a_person_in_the_second_window(client, as_, stranger, at_home):
    signed = windows.signing.dumps(windows.Pass(stranger.pk, "en"), salt=windows.SALT)
    page = as_(stranger).get(reverse("demo_mails"), headers={"Host": "localhost"})
    offered = urlsplit(page.context["demo_second_window"]()).path
    for path in (reverse("demo_second", args=[signed]), offered):
        assert client.get(path).url == reverse("demo")
    assert "_auth_user_id" not in client.session


def test_the_page_of_the_people_opens_itself_in_a_second_window_in_the_same_language(
    client, as_, demo, at_home
):
    first = as_(demo.participant)
    first.cookies[project.LANGUAGE_COOKIE_NAME] = "ru"
    page = first.get(reverse("demo"), headers={"Host": "127.0.0.1:8000"})
    link = urlsplit(page.context["demo_other_window"]())
    assert link.netloc == "localhost:8000"
    opened = client.get(link.path, headers={"Host": link.netloc}, follow=True)
    assert opened.redirect_chain == [(reverse("demo"), 302)]
    assert '<html lang="ru"' in opened.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("host", "allowed", "other"),
    [
        ("localhost:8000", ["localhost", "127.0.0.1"], "127.0.0.1:8000"),
        ("127.0.0.1:8000", ["localhost", "127.0.0.1"], "localhost:8000"),
        ("[::1]:8000", ["localhost", "[::1]"], "localhost:8000"),
        ("localhost", ["localhost"], None),
        ("demo.test", ["demo.test", "two.demo.test"], "two.demo.test"),
        ("two.demo.test", ["demo.test", "two.demo.test"], "demo.test"),
        ("demo.test", ["demo.test", ".demo.test"], None),
        ("demo.test", ["*"], None),
    ],
)
def test_the_second_window_is_under_another_name_of_the_server_if_it_has_one(
    rf, settings, host, allowed, other
):
    settings.ALLOWED_HOSTS = allowed
    assert windows.other_host(rf.get("/", headers={"Host": host})) == other


def test_without_another_name_a_private_window_is_named(as_, demo, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    client = as_(demo.participant)
    assert second_link(client, demo.space, host="testserver") is None
    page = client.get(reverse("space_room", args=[demo.space.pk])).content.decode()
    assert "private browser window" in page


def test_outside_the_demo_there_is_no_tour_and_no_second_window(client, demo, at_home, settings, as_):
    path = urlsplit(second_link(as_(demo.participant), demo.space)).path
    settings.DEMO_SIGN_IN = False
    assert go(client, stop=1).status_code == 404
    assert client.get(path).status_code == 404
    assert client.get(reverse("demo_sample")).status_code == 404
    assert "_auth_user_id" not in client.session
    client.cookies["demo_tour"] = "1"
    for page in (client.get(reverse("account_login")), as_(demo.participant).get("/")):
        assert "demo" not in page.content.decode()


def test_programmes_stand_in_the_order_of_the_visitors_language(db):
    from django.utils import translation

    for programme in fixtures.programmes():
        for key in [each.key for each in programme.people]:
            found = person(f"{key} of {programme.institute.slug}")
            found.email = programme.address(key)
            found.save()
    for language in LANGUAGES:
        with translation.override(language):
            order = [cast.language for cast in people.sign_in_choices()]
        theirs = [each for each in order if each == language]
        assert order[: len(theirs)] == theirs
        if language != "en" and "en" in order:
            assert order[len(theirs)] == "en"


def test_a_tour_knows_its_next_stop():
    assert Tour(1, is_left=False).next_stop is STOPS[1]
    assert Tour(5, is_left=False).next_stop is None
