"""What the head of a page says to search engines, and to those who show a link to it."""

import re

import pytest
from django.urls import reverse

from followup.courses.models import Course

NOINDEX = '<meta name="robots" content="noindex">'
PRIVATE = ["account_login", "account_request_login_code", "invitation_again"]


def head(client, path: str) -> str:
    page = client.get(path).content.decode()
    return page[: page.index("</head>")]


def test_public_pages_are_described_and_name_their_one_address(as_, cast, settings):
    settings.SITE_URL = "https://after.test"
    for path in ("/", reverse("courses"), reverse("course", args=[cast.course.slug])):
        shown = head(as_(None), path)
        assert NOINDEX not in shown
        assert f'<link rel="canonical" href="https://after.test{path}">' in shown
        description = re.search(r'<meta name="description" content="([^"]+)">', shown)[1]
        assert f'<meta property="og:description" content="{description}">' in shown


def test_the_description_of_a_course_is_its_aim_and_cannot_end_its_attribute(as_, cast):
    Course.objects.update(aim='To see "it"\nand <b>more</b>.')
    shown = head(as_(None), reverse("course", args=[cast.course.slug]))
    assert "<b>" not in shown
    assert "To see &quot;it&quot; and" in shown


@pytest.mark.parametrize("name", PRIVATE)
def test_pages_of_signing_in_are_not_to_be_found(as_, cast, name):
    assert NOINDEX in head(as_(None), reverse(name))


def test_lists_that_somebody_narrowed_pages_of_users_and_hidden_courses_are_not_to_be_found(as_, cast):
    assert NOINDEX in head(as_(None), reverse("courses") + "?q=exit")
    assert NOINDEX in head(as_(cast.participant), "/")
    Course.objects.update(published_at=None)
    assert NOINDEX in head(as_(cast.coordinator), reverse("course", args=[cast.course.slug]))


def test_a_later_page_of_the_list_has_an_address_of_its_own(as_, cast, settings):
    settings.SITE_URL = "https://after.test"
    for number in range(21):
        Course.objects.create(
            institute=cast.institute,
            title=f"Course {number}",
            slug=f"c{number}",
            language="en",
            published_at=cast.course.published_at,
        )
    assert 'href="https://after.test/courses/?page=2"' in head(as_(None), reverse("courses") + "?page=2")
    assert 'href="https://after.test/courses/"' in head(as_(None), reverse("courses") + "?page=zero")
