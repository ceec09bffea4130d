"""Accessibility and layout of every page reachable by links: axe, a small phone, and the dark theme."""

import re
import signal
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

from tests.site import DemoSite, Site

NOT_A_PAGE = re.compile(r"^/(files|static|admin)/|/letter/$")
"""Pages that cannot be checked: a mail of the demo is sandboxed as in mail programs, and runs no script."""
PEOPLE = {
    "a visitor": None,
    "a participant": "Наталья Евгеньевна Шубина",
    "a coordinator": "Bognár Ildikó",
}
SMALL_PHONE = {"width": 320, "height": 640}
LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def demo() -> Iterator[Site]:
    demo = DemoSite("sqlite")
    demo.manage("demo")
    demo.start()
    yield demo
    demo.stop(signal.SIGKILL)


@pytest.fixture
def site(demo):
    """The demo stands in for the empty installation, so that pages have something in them."""
    return demo


def sign_in_as(page: Page, name: str | None) -> None:
    page.goto("/demo/")
    if name:
        page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url("/")


def shape_of(path: str) -> str:
    """The path without numbers and keys (in the query too) and slugs: pages of one template have the same."""
    path = re.sub(r"#.*", "", path)
    return re.sub(r"=(?:\d+\b|[0-9a-f-]{36})", "=N", re.sub(r"/\d+/|/courses/(?!new/)[\w-]+/", "/N/", path))


def pages_from(page: Page, start: str) -> Iterator[str]:
    """Open each page that links lead to, one of each shape."""
    waiting, seen = [start], {shape_of(start)}
    while waiting:
        path = waiting.pop(0)
        try:
            page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        yield path
        for link in page.eval_on_selector_all(
            "a[href]", "links => links.map(link => link.getAttribute('href'))"
        ):
            if link.startswith("/") and not NOT_A_PAGE.search(link) and shape_of(link) not in seen:
                seen.add(shape_of(link))
                waiting.append(link)


def wider_than_the_window(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def violations_in(page: Page, **options: object) -> list[str]:
    """The violations that axe finds, in short. Its script is loaded once per page; passed rules are not
    returned."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violations = page.evaluate(
        """options => axe.run(options).then(({ violations }) =>
            violations.map(each => [each.id, each.nodes[0].html]))""",
        {"resultTypes": ["violations"], **options},
    )
    return [f"{rule}: {html[:200]}" for rule, html in violations]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_accessible_and_fits_a_small_phone_in_both_themes(someone, who):
    page = someone(viewport=SMALL_PHONE, color_scheme="light", reduced_motion="reduce")
    sign_in_as(page, PEOPLE[who])
    found, opened = [], 0
    for path in pages_from(page, "/account/login/" if PEOPLE[who] is None else "/"):
        opened += 1
        if wider_than_the_window(page):
            found.append(f"{path}: wider than the window")
        if (headings := page.locator("h1").count()) != 1:
            found.append(f"{path}: {headings} headings of the first level")
        found += [f"{path}: {each}" for each in violations_in(page)]
        page.set_viewport_size(LAPTOP)
        page.emulate_media(color_scheme="dark")
        found += [f"{path}, dark: {each}" for each in violations_in(page, runOnly=["color-contrast"])]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(SMALL_PHONE)
    assert opened >= 5
    assert not found, "\n".join(found)


def test_a_missing_page_is_a_404_in_our_layout(someone):
    page = someone()
    sign_in_as(page, PEOPLE["a participant"])
    assert page.goto("/threads/987654/").status == 404
    assert page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_role("link", name="Aftercourse").first.is_visible()
    assert not violations_in(page)
