"""The public list of courses: found by words, language and institute, and in the reader's order."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from community.institutes.models import Institute
from followup.courses.models import Course, Module, Run

TITLES = re.compile(r"<h4><a[^>]*>([^<]+)</a></h4>")


@pytest.fixture
def another(course, institute):
    """Create another public course."""

    def create(title: str, language: str = "en", institute: Institute = institute, **more) -> Course:
        return Course.objects.create(
            institute=institute,
            title=title,
            slug=f"course-{Course.objects.count()}",
            language=language,
            aim="To try.",
            published_at=course.published_at,
            **more,
        )

    return create


def listed(client: Client, reader: str = "en", **query: str) -> list[str]:
    page = client.get(reverse("courses"), query, headers={"accept-language": reader})
    return TITLES.findall(page.content.decode())


def test_courses_in_the_language_of_the_reader_come_first(as_, course, another, other_institute):
    another("Inny kurs", "pl", other_institute)
    another("Ágnes képzése", "hu")
    assert listed(as_(None), "pl")[0] == "Inny kurs"
    assert listed(as_(None), "hu")[0] == "Ágnes képzése"
    assert listed(as_(None), "en")[0] == course.title


def test_courses_of_an_institute_stand_together_below_its_name(as_, course, another, other_institute):
    another("A", institute=other_institute)
    another("Z")
    assert listed(as_(None)) == [course.title, "Z", "A"]
    page = as_(None).get(reverse("courses")).content.decode()
    headings = re.findall(r'<h3 class="courses__institute"[^>]*>([^<]+)</h3>', page)
    assert headings == [course.institute.name, other_institute.name]


def test_the_list_can_be_narrowed_to_an_institute_and_a_language(as_, course, another, other_institute):
    another("Inny kurs", "pl", other_institute)
    assert listed(as_(None), institute=other_institute.slug) == ["Inny kurs"]
    assert listed(as_(None), language="pl") == ["Inny kurs"]
    assert listed(as_(None), language="en") == [course.title]
    assert not listed(as_(None), language="pl", institute=course.institute.slug)


def test_courses_are_found_by_words_of_their_title_and_institute(as_, course, another, other_institute):
    another("Ćwiczenia", "pl", other_institute)
    assert listed(as_(None), q="cwicz") == ["Ćwiczenia"]
    assert listed(as_(None), q="other inst") == ["Ćwiczenia"]
    assert listed(as_(None), q="formative") == [course.title]


def test_nothing_found_offers_all_courses(as_, course):
    page = as_(None).get(reverse("courses"), {"q": "swimming"}).content.decode()
    assert "No course like that" in page
    assert f'href="{reverse("courses")}"' in page


def test_without_courses_there_is_nothing_to_search(as_, db):
    page = as_(None).get(reverse("courses")).content.decode()
    assert "No courses yet" in page
    assert 'type="search"' not in page


def test_a_course_says_its_hours_its_follow_up_and_its_next_group(as_, course, another):
    for hours in (3, 4):
        Module.objects.create(course=course, position=hours, title="A module", hours=hours)
    next_on = clock.today("UTC") + dt.timedelta(days=20)
    for days in (20, 40):
        starts_on = clock.today("UTC") + dt.timedelta(days=days)
        Run.objects.create(course=course, starts_on=starts_on, ends_on=starts_on)
    page = as_(None).get(reverse("courses")).content.decode()
    assert "17 hours" in page
    assert "follow-up: 1 month" in page
    assert f'next from <time datetime="{next_on}"' in page


def test_the_days_of_a_coming_group_are_one_span(as_, course):
    year = clock.today("UTC").year + 1
    Run.objects.create(course=course, starts_on=dt.date(year, 5, 12), ends_on=dt.date(year, 5, 14))
    page = as_(None).get(reverse("course", args=[course.slug])).content.decode()
    assert re.search(rf"12\W+14 May {year}", page)


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_list_is_in_the_language_of_the_reader(as_, course, another, other_institute, language):
    another("Course", institute=other_institute)
    page = as_(None).get(reverse("courses"), headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}"' in page
    assert ("All institutes" in page) == (language == "en")


def test_many_courses_take_two_statements_and_are_paged(as_, course, another):
    for number in range(30):
        one = another(f"Course {number}")
        Module.objects.create(course=one, position=1, title="A module", hours=3)
    with CaptureQueriesContext(connection) as captured:
        first = listed(as_(None))
    assert len(captured) == 2
    second = listed(as_(None), page="2")
    assert len(first) == 20
    assert len({*first, *second}) == 31
