"""The page for who is not signed in: what it is, in the reader's language, and the way in."""

import re

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup.courses.models import Course

LANGUAGES = [code for code, _name in django_settings.LANGUAGES]
MARKS = 6
"""Kinds of marks in the timeline."""


@pytest.fixture
def without_demo(settings):
    """An installation without a demo. Its pages are still among the URLs of this process."""
    reverse("demo")
    settings.DEMO_SIGN_IN = False


def page(client: Client, language: str = "en") -> str:
    return client.get(reverse("today"), headers={"accept-language": language}).content.decode()


def texts(of: str) -> set[str]:
    return {text.strip() for text in re.findall(r">([^<>]+)<", of) if text.strip()}


def test_the_ways_in_are_signing_in_and_an_invitation(cast, as_, without_demo):
    shown = page(as_(None))
    assert f'href="{reverse("account_login")}"' in shown
    assert f'href="{reverse("invitation_again")}"' in shown


def test_the_first_way_into_a_demo_is_to_look_around(cast, as_):
    links = re.findall(r'<a class="button[^"]*" href="([^"]+)"', page(as_(None)))
    assert links == [reverse("demo"), reverse("account_login")]


def test_without_a_demo_none_is_offered(cast, as_, without_demo):
    assert "/demo/" not in page(as_(None))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_it_is_in_one_language_from_top_to_bottom(cast, as_, without_demo, language):
    Course.objects.update(published_at=None)
    own, english = texts(page(as_(None), language)), texts(page(as_(None), "en"))
    numbers = {text for text in own if not re.search(r"[^\W\d_]{4}", text)}
    same_in_hungarian = {"Chat"}
    names_of_languages = {"English", "Magyar", "Polski", "Lietuviškai", "Русский"}
    same = own & english - numbers - names_of_languages - same_in_hungarian
    assert not {text for text in same if "Aftercourse" not in text}


def test_the_picture_is_one_image_with_a_name_and_nothing_to_press(cast, as_):
    shown = page(as_(None))
    still = shown[shown.index('<div class="still"') : shown.index("<figcaption>")]
    assert re.match(r'<div class="still" role="img" aria-label="A follow-up space [^"]+"', still)
    assert not re.search(r"<(a|button|input|select|h\d)\b", still)


def test_the_legend_names_every_mark_of_the_timeline(cast, as_):
    shown = page(as_(None))
    legend = shown[shown.index('<ul class="legend">') : shown.index("</figcaption>")]
    assert legend.count("<li>") == legend.count("<svg") == MARKS


def test_courses_in_the_language_of_the_reader_are_shown_and_the_others_counted(cast, as_):
    shown = page(as_(None), "en")
    assert cast.course.title in shown
    shown = page(as_(None), "hu")
    assert cast.course.title not in shown
    assert f'href="{reverse("courses")}?language=en"' in shown
    Course.objects.update(published_at=None)
    assert reverse("courses") not in page(as_(None))


def test_it_takes_two_statements_however_many_courses_there_are(cast, as_):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(as_(None))
        return len(captured)

    assert statements() == 2
    for number in range(20):
        Course.objects.create(
            institute=cast.institute,
            title=f"Course {number}",
            slug=f"c{number}",
            language="en",
            published_at=cast.course.published_at,
        )
    assert statements() == 2
