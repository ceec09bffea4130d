"""The demo for tests of all pages, and what each of its people may open (tools.pages)."""

import signal
from collections.abc import Iterator

from playwright.sync_api import Page

from tests.site import DemoSite
from tools import pages
from tools.pages import Person


def laid_demo() -> Iterator[DemoSite]:
    """A running demo, for a fixture."""
    demo = DemoSite("sqlite")
    demo.lay()
    demo.start()
    yield demo
    demo.stop(signal.SIGKILL)


def enter_demo(page: Page, demo: DemoSite, key: str) -> Person:
    """Be this person of the demo in the page's context."""
    person = next(each for each in pages.read_list(demo.folder) if each.key == key)
    if person.session:
        page.context.add_cookies([{"name": "sessionid", "value": person.session, "url": demo.url}])
    return person
