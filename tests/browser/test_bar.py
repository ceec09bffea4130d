"""The bar at the bottom of a phone: five places whose words stand on one line each, in every language."""

import pytest
from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

LANGUAGES = ["en", "hu", "lt", "pl", "ru"]
SETUP = f"""
from community.institutes.models import Staff
from tests.browser.sessions import open_sessions
from tests.cast import create_cast, join, person

cast = create_cast()
users = []
for language in {LANGUAGES}:
    user = person(f"Coordinator {{language}}", language=language)
    Staff.objects.create(institute=cast.institute, user=user, role=Staff.Role.COORDINATOR)
    join(cast.space, user, role="coordinator")
    users.append(user)
    users.append(person(f"Trainer {{language}}", language=language))
    join(cast.space, users[-1], role="trainer")
open_sessions(*users)
"""
SMALL_PHONE = {"width": 320, "height": 640}
ITEMS = """() => [...document.querySelectorAll(".bar .bar__item")].map((item) => {
    const { left, right, height } = item.getBoundingClientRect();
    return { left, right, height, inner: item.scrollWidth - item.clientWidth };
})"""

COVERED = """() => {
    const [main, bar] = ["main", ".bar"].map((each) => document.querySelector(each).getBoundingClientRect());
    return main.bottom - bar.top;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_words_fit_a_small_phone_on_one_line_each(site: Site, someone, language):
    page = someone(viewport=SMALL_PHONE)
    for role in ("Coordinator", "Trainer"):
        enter(page, site, f"{role} {language}")
        items = page.evaluate(ITEMS)
        assert len(items) == 5
        assert len({item["height"] for item in items}) == 1
        assert items[0]["left"] >= 0
        assert items[-1]["right"] <= SMALL_PHONE["width"]
        assert all(item["inner"] <= 0 for item in items)
        lefts, rights = [item["left"] for item in items[1:]], [item["right"] for item in items[:-1]]
        assert all(left >= right - 0.5 for left, right in zip(lefts, rights, strict=True))


def test_at_400_percent_zoom_the_bar_comes_after_the_page_and_covers_nothing(site: Site, someone):
    page = enter(someone(viewport={"width": 320, "height": 256}), site, "Trainer en")
    bar = page.locator(".bar")
    expect(bar).not_to_be_in_viewport()
    assert page.evaluate(COVERED) < 1
    page.get_by_role("navigation").get_by_role("link", name="Chat").focus()
    expect(bar).to_be_in_viewport()
