"""What a first visit costs on a phone, on ten pages: requests, bytes, and how much of the page moves.

These do not depend on how fast the machine is. The scores that do were measured by hand:
docs/decisions/0052-pages-by-list.md.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response

from tests.browser.demo import enter_demo, laid_demo
from tests.browser.test_room_shift import COMPLETE, PAINTED_TWICE, RECORD
from tests.site import DemoSite

PARTICIPANT, TRAINER = "nora", "eva"
PAGES = {
    "today": PARTICIPANT,
    "space": PARTICIPANT,
    "space_room": PARTICIPANT,
    "space_practices": PARTICIPANT,
    "thread": PARTICIPANT,
    "practice": PARTICIPANT,
    "practice_new": PARTICIPANT,
    "profile": PARTICIPANT,
    "desk": TRAINER,
    "month_steps": TRAINER,
}
PHONE = {"viewport": {"width": 412, "height": 823}, "is_mobile": True, "has_touch": True}
MAX_REQUESTS = 12
MAX_BYTES = 60_000
MAX_BYTES_OF_ROOM = 68_000
"""Of the chat's page, whose log and scripts are beside those of every page."""
APART = re.compile("/pictures/|prose_editor|/editor[.]")
"""What people attached, and the editor, which stands open on a page that is for writing alone."""
MAX_BYTES_OF_ALL = 300_000
"""Of both together. Pictures far below the window are not asked for."""
MAX_SHIFT = 0.1
"""Of the window: what counts as steady."""


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoSite]:
    yield from laid_demo()


@pytest.fixture
def site(demo):
    return demo


def bytes_of(answer: Response) -> int:
    """What came over the line: headers and the body as it was compressed."""
    sizes = answer.request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


def answers_to(page: Page, path: str) -> list[Response]:
    """Open the page, and everything it asks for until it stands still."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="load")
    page.wait_for_function(COMPLETE)
    page.evaluate(PAINTED_TWICE)
    return answers


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_on_a_phone_asks_for_little_and_stands_still(someone, demo, name):
    page = someone(**PHONE)
    page.add_init_script(RECORD)
    person = enter_demo(page, demo, PAGES[name])
    answers = answers_to(page, person.pages[name])
    assert all(answer.status < 400 for answer in answers)
    of_page = [answer for answer in answers if not APART.search(answer.url)]
    assert len(of_page) <= MAX_REQUESTS
    assert sum(map(bytes_of, of_page)) <= (MAX_BYTES_OF_ROOM if name == "space_room" else MAX_BYTES)
    assert sum(map(bytes_of, answers)) <= MAX_BYTES_OF_ALL
    assert page.evaluate("moved") < MAX_SHIFT
    assert page.locator("meta[name=viewport]").count() == 1
    assert page.locator("html[lang]").count() == 1
    assert page.title()
