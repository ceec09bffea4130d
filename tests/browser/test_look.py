"""Accessibility and layout of every page of the demo: axe, a small phone, 400 % zoom, wider spacing of text,
the dark theme and forced colours, the keyboard, and no script."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.demo import enter_demo, laid_demo
from tests.site import DemoSite
from tools import pages
from tools.pages import Person

PARTICIPANT = "natalia"
PEOPLE = ("visitor", PARTICIPANT, "vida", "ildiko")
"""A participant, a trainer and a coordinator, who read Russian, Lithuanian and Hungarian: long words."""
DIFFERENT = {"today", "space", "space_room", "space_people", "month_steps", "thread", "practice"}
"""Pages that participants also have, and that show more to those who answer or run the course."""
SMALL_PHONE = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 256}
"""A laptop's window of 1280 by 1024 at 400 %."""
LAPTOP = {"width": 1280, "height": 800}
MAX_STOPS = 24
"""Links and buttons between the top of a page and its content. The first one skips the others."""

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""The spacing of WCAG 1.4.12."""
NORMAL = "() => { document.adoptedStyleSheets = [] }"
COVERED = """() => [...document.querySelectorAll("body *")]
  .filter((each) => ["fixed", "sticky"].includes(getComputedStyle(each).position))
  .map((each) => each.getBoundingClientRect())
  .filter((box) => box.width > innerWidth / 2 && box.top >= 0 && box.bottom <= innerHeight + 1)
  .reduce((sum, box) => sum + box.height, 0) / innerHeight"""
"""The part of the window that stands still in front of the page."""
BORDERLESS = """() => [...document.querySelectorAll(".button:not(.button--link)")]
  .filter((each) => each.checkVisibility() && !parseFloat(getComputedStyle(each).borderTopWidth))
  .map((each) => each.outerHTML.slice(0, 120))"""
DOUBLED = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  return ids.filter((id, place) => ids.indexOf(id) < place);
}"""
"""Ids that two elements have."""
STOPS = """() => {
  const content = document.querySelector("main");
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((each) => each.tabIndex >= 0 && !each.disabled)
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .filter((each) => content.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING)
    .map((each) => each.className);
}"""


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoSite]:
    yield from laid_demo()


@pytest.fixture
def site(demo):
    """The demo stands in for the empty installation, so that pages have something in them."""
    return demo


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


def problems_on_a_phone(page: Page) -> Iterator[str]:
    """In a window of 320 pixels: the structure, the keyboard, and what is wider than the window."""
    if wider_than_the_window(page):
        yield "wider than the window"
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} headings of the first level"
    if not page.evaluate("document.documentElement.lang") or not page.title():
        yield "no language, or no title"
    yield from (f"two elements with the id {each}" for each in page.evaluate(DOUBLED))
    yield from violations_in(page)
    page.evaluate(SPACED)
    if wider_than_the_window(page):
        yield "wider than the window when text is spaced"
    page.evaluate(NORMAL)
    page.set_viewport_size(ZOOMED)
    if page.evaluate(COVERED) > 1 / 3:
        yield "more than a third is covered at 400 %"


def problems_on_a_laptop(page: Page) -> Iterator[str]:
    """In a wide window: the keyboard, the dark theme, and forced colours."""
    if wider_than_the_window(page):
        yield "wider than the window of a laptop"
    stops = page.evaluate(STOPS)
    if stops[:1] != ["skip"] or len(stops) > MAX_STOPS:
        yield f"{len(stops)} stops before the content, the first is {stops[:1]}"
    page.emulate_media(color_scheme="dark")
    yield from (f"dark: {each}" for each in violations_in(page, runOnly=["color-contrast"]))
    page.emulate_media(color_scheme="light", forced_colors="active")
    yield from (f"no border in forced colours: {each}" for each in page.evaluate(BORDERLESS))
    page.emulate_media(forced_colors="none")


def paths_of(demo: DemoSite, person: Person) -> list[str]:
    """The pages of a person, those left out that are the same for a participant."""
    others = next(each.pages for each in pages.read_list(demo.folder) if each.key == PARTICIPANT)
    same = set(others) - DIFFERENT if person.key not in ("visitor", PARTICIPANT) else set()
    return [path for name, path in person.pages.items() if name not in same]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_accessible_and_fits_every_window_and_theme(someone, demo, who):
    page = someone(viewport=SMALL_PHONE, color_scheme="light", reduced_motion="reduce")
    person = enter_demo(page, demo, who)
    found, paths = [], paths_of(demo, person)
    for path in paths:
        page.set_viewport_size(SMALL_PHONE)
        page.goto(path)
        found += [f"{path}: {each}" for each in problems_on_a_phone(page)]
        page.set_viewport_size(LAPTOP)
        found += [f"{path}: {each}" for each in problems_on_a_laptop(page)]
    assert len(paths) >= 10
    assert not found, "\n".join(found)


def test_the_first_stop_leads_to_the_content(someone, demo):
    page = someone(viewport=LAPTOP)
    person = enter_demo(page, demo, "vida")
    page.goto(person.pages["space"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_every_page_is_whole_without_scripts(someone, demo):
    page = someone(viewport=SMALL_PHONE, java_script_enabled=False)
    person = enter_demo(page, demo, PARTICIPANT)
    found = [f"{path}: {each}" for path in person.pages.values() for each in unscripted_problems(page, path)]
    assert not found, "\n".join(found)


def unscripted_problems(page: Page, path: str) -> Iterator[str]:
    """What is missing from a page whose scripts do not run: its heading, or a button that sends a form."""
    page.goto(path)
    if not page.locator("h1").is_visible():
        yield "no heading"
    for form in page.locator("main form:visible").all():
        if not form.locator("button:not([type=button]):visible, input[type=submit]:visible").count():
            yield f"a form that nothing sends: {form.get_attribute('action')}"


def test_a_missing_page_is_a_404_in_our_layout(someone, demo):
    page = someone()
    person: Person = enter_demo(page, demo, PARTICIPANT)
    assert page.goto(person.pages["missing"]).status == 404
    assert page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_role("link", name="Aftercourse").first.is_visible()
    assert not violations_in(page)
