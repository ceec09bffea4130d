"""Without scripts, words survive a session that ended and a token that is too old."""

from playwright.sync_api import Page

from tests.browser.sessions import enter
from tests.browser.test_room import SETUP as ROOM_SETUP
from tests.site import Site

SETUP = (
    ROOM_SETUP
    + """
from tests.written import start
from community.people.models import User
from community.spaces.models import Space

start(Space.objects.get(), User.objects.get(name="Tamara Trainer"))
"""
)
WORDS = "Half of them wrote nothing,\nthe other half did."


def send(page: Page) -> None:
    page.get_by_label("Your reply").fill(WORDS)
    page.get_by_role("button", name="Send", exact=True).click()


def test_a_reply_is_given_back_and_sent_again(site: Site, someone):
    petra = enter(someone(java_script_enabled=False), site, "Petra Participant", "/threads/1/")
    petra.context.clear_cookies(name="csrftoken")
    send(petra)
    petra.get_by_role("heading", name="Please send it again").wait_for()
    assert petra.get_by_label("Text").input_value() == WORDS
    petra.get_by_role("button", name="Send it").click()
    petra.get_by_text("the other half did.").wait_for()

    petra.goto("/threads/1/?page=1")
    petra.context.clear_cookies(name="sessionid")
    send(petra)
    petra.locator("[name=login]").fill("petra.participant@school.test")
    petra.locator("[name=password]").fill("long-enough-for-us")
    petra.locator("[name=password]").press("Enter")
    petra.get_by_role("heading", name="Here is what you wrote").wait_for()
    petra.get_by_role("button", name="Send it").click()
    petra.locator("#reply-2").get_by_text("the other half did.").wait_for()
