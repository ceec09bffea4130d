"""Where things stand on the pages of a space: on a phone, on a laptop and on a large screen."""

from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
import datetime as dt
from common import clock
from community.spaces.models import Membership
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import ask, publish, say, start

cast = create_cast()
start(cast.space, cast.trainer)
ask(cast.space, cast.another_participant)
publish(cast.space, cast.trainer)
say(cast.space, cast.trainer)
Membership.objects.update(came_in_at=clock.now() - dt.timedelta(days=1))
open_sessions(cast.participant)
"""
SPACE = "/spaces/1/"
HIGHEST = {(375, 812): 600, (1280, 800): 420, (1920, 1080): 420}
"""Where the first conversation begins at the latest, by the size of the window, in pixels."""
MOST_STOPS = 14
STOPS_BEFORE = """first => [
    ...document.querySelectorAll("main :is(a[href], button, summary, input:not([type=hidden]))"),
].filter((stop) => {
    const isBefore = stop.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING;
    return isBefore && stop.tabIndex >= 0 && stop.checkVisibility();
}).length"""


def resize(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})


def test_conversations_begin_on_the_first_screen_after_few_stops_of_the_keyboard(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", SPACE)
    first = page.locator(".conversation a").first
    for size, highest in HIGHEST.items():
        resize(page, size)
        assert first.evaluate("first => first.getBoundingClientRect().top") < highest, size
        assert first.evaluate(STOPS_BEFORE) <= MOST_STOPS, size


def test_no_page_of_a_space_leaves_a_large_screen_half_empty(site: Site, someone):
    page = enter(someone(viewport={"width": 1920, "height": 1080}), site, "Petra Participant")
    for path in (SPACE, "/spaces/1/practices/", "/spaces/1/room/", "/threads/1/", "/practices/1/"):
        page.goto(path)
        side = page.get_by_role("complementary")
        expect(side).to_be_visible()
        assert side.evaluate("side => side.getBoundingClientRect().right") > 1920 * 0.8, path


def test_tabs_are_one_line_that_begins_at_the_current_one_without_scripts_too(site: Site, someone):
    page = someone(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    enter(page, site, "Petra Participant", SPACE)
    tabs = page.locator(".tabs")
    for name in ("Conversations", "Steps", "Write-ups"):
        tabs.get_by_role("link", name=name).click()
        assert tabs.evaluate("tabs => tabs.offsetHeight") < 64
        expect(tabs.locator("[aria-current]")).to_contain_text(name)
        expect(tabs.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
