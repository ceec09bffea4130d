"""Every page that can be reached by links: sound for a screen reader, on a small phone, and in the dark."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

from tests.site import Site

NOT_A_PAGE = re.compile(r"^/(files|static|admin)/|/letter/$")
"""What cannot be looked into: a letter of the demo is shut in as mail programs do it, and runs nothing."""
PEOPLE = {
    "a visitor": None,
    "a participant": "Наталья Евгеньевна Шубина",
    "a coordinator": "Bognár Ildikó",
}
SMALL_PHONE = {"width": 320, "height": 640}
LAPTOP = {"width": 1280, "height": 800}


class Demo(Site):
    """The demo, for its people, texts and sign-in."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_DEMO_SIGN_IN": "1"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Site]:
    demo = Demo("sqlite")
    demo.manage("demo")
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def site(demo):
    """The demo stands in for the empty installation, so that pages have something in them."""
    return demo


def be(page: Page, name: str | None) -> None:
    page.goto("/demo/")
    if name:
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url("/")


def shape_of(path: str) -> str:
    """Pages that differ in a number or a short name only look alike."""
    return re.sub(r"/\d+/|/courses/(?!new/)[\w-]+/", "/N/", re.sub(r"#.*", "", path))


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
            "a[href]", "links => links.map(one => one.getAttribute('href'))"
        ):
            if link.startswith("/") and not NOT_A_PAGE.search(link) and shape_of(link) not in seen:
                seen.add(shape_of(link))
                waiting.append(link)


def wider_than_the_window(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def unsound(page: Page, **options: object) -> list[str]:
    """What axe finds, in short. It stays in the page, and gives nothing of the hundreds of things that are
    in order."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violations = page.evaluate(
        "options => axe.run(options).then(found => found.violations.map(one => [one.id, one.nodes[0].html]))",
        {"resultTypes": ["violations"], **options},
    )
    return [f"{rule}: {html[:200]}" for rule, html in violations]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_sound_and_fits_a_small_phone_and_can_be_read_in_the_dark(someone, who):
    page = someone(viewport=SMALL_PHONE, color_scheme="light", reduced_motion="reduce")
    be(page, PEOPLE[who])
    found, opened = [], 0
    for path in pages_from(page, "/account/login/" if PEOPLE[who] is None else "/"):
        opened += 1
        if wider_than_the_window(page):
            found.append(f"{path}: wider than the window")
        if (headings := page.locator("h1").count()) != 1:
            found.append(f"{path}: {headings} headings of the first level")
        found += [f"{path}: {each}" for each in unsound(page)]
        page.set_viewport_size(LAPTOP)
        page.emulate_media(color_scheme="dark")
        found += [f"{path}, dark: {each}" for each in unsound(page, runOnly=["color-contrast"])]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(SMALL_PHONE)
    assert opened >= 5
    assert not found, "\n".join(found)


def test_a_page_that_is_not_there_says_so_in_our_words(someone):
    page = someone()
    be(page, PEOPLE["a participant"])
    assert page.goto("/threads/987654/").status == 404
    assert page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_role("link", name="Aftercourse").first.is_visible()
    assert not unsound(page)
