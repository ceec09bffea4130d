"""The tour of the demo: through its five stops without scripts, and two people in one browser."""

import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.site import Site, prepare

SETUP = """
from followup.demo import fixtures
from tests.cast import create_cast

cast = create_cast()
hungarian = next(each for each in fixtures.programmes() if each.institute.language == "hu")
for user, key in ((cast.participant, "nora"), (cast.trainer, "eva"), (cast.coordinator, "ildiko")):
    user.email = hungarian.address(key)
    user.save()
"""
ROOM = re.compile(r"/spaces/1/room/$")
WORDS = "This comes from the other window."


class Demo(Site):
    """A site in which the demo's sign-in is on, and the cast are people of it."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_DEMO_SIGN_IN": "1"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Site]:
    demo = Demo("sqlite", prepared=prepare("sqlite", SETUP))
    demo.start()
    yield demo
    demo.stop(signal.SIGKILL)


@pytest.fixture
def site(demo: Site) -> Site:
    return demo


def next_stop(page: Page) -> None:
    page.locator(".tour").get_by_role("button", name=re.compile("^Next")).click()


def test_the_tour_leads_through_five_stops_without_scripts_and_can_be_left(site: Site, someone) -> None:
    page = someone(java_script_enabled=False, viewport={"width": 375, "height": 667})
    page.goto("/demo/")
    page.get_by_role("main").get_by_role("button", name="Take the tour").click()
    expect(page.locator(".demo-bar")).to_contain_text("Petra Participant")
    next_stop(page)
    expect(page.locator(".demo-bar")).to_contain_text("Tamara Trainer")
    page.get_by_role("button", name="Leave the tour").click()
    expect(page.locator(".tour")).to_have_count(0)
    page.locator(".demo-bar").get_by_role("button", name="Resume the tour").click()
    next_stop(page)
    page.get_by_role("button", name="Try a sample list").click()
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    expect(page.get_by_text("Kelemen Panna").first).to_be_visible()
    next_stop(page)
    expect(page).to_have_url(ROOM)
    next_stop(page)
    expect(page.get_by_role("heading", name="Demo mailbox")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page).to_have_url(re.compile(r"/demo/$"))
    expect(page.get_by_role("main").get_by_role("button", name="Take the tour")).to_be_visible()


def test_what_one_says_in_one_window_appears_in_the_other_where_one_is_somebody_else(
    site: Site, someone
) -> None:
    petra = someone()
    petra.goto("/demo/")
    petra.get_by_role("main").get_by_role("button", name="Take the tour").click()
    petra.locator(".tour").get_by_role("button", name="Talk in two windows").click()
    expect(petra).to_have_url(ROOM)
    with petra.context.expect_page() as opened:
        petra.get_by_role("link", name="Open the second window").click()
    tamara = opened.value
    expect(tamara).to_have_url(ROOM)
    expect(tamara.locator(".demo-bar")).to_contain_text("Tamara Trainer")
    assert tamara.url != petra.url
    expect(petra.get_by_text("Here now: Tamara Trainer")).to_be_visible()
    petra.get_by_label("Write a message").fill(WORDS)
    petra.get_by_label("Write a message").press("Enter")
    expect(tamara.locator(".message").get_by_text(WORDS)).to_be_visible()
    petra.reload()
    expect(petra.locator(".demo-bar")).to_contain_text("Petra Participant")
