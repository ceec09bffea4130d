"""The strip of days: one stop of the Tab key, and the arrow keys lead to the other days."""

from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.browser.test_room import SETUP as SETUP
from tests.site import Site


def test_the_arrow_keys_lead_through_the_days_and_enter_opens_one(site: Site, someone):
    petra = enter(someone(), site, "Petra Participant", "/spaces/1/")
    days = petra.get_by_role("navigation", name="Day by day").get_by_role("link")
    expect(days.last).not_to_have_attribute("tabindex", "-1")
    days.last.focus()
    petra.keyboard.press("ArrowRight")
    expect(days.last).to_be_focused()
    petra.keyboard.press("ArrowLeft")
    expect(days.nth(days.count() - 2)).to_be_focused()
    petra.keyboard.press("Home")
    expect(days.first).to_be_focused()
    petra.keyboard.press("Enter")
    petra.get_by_role("heading", name="All days so far").wait_for()
    expect(petra.locator("strip-days [aria-current=date]")).to_have_attribute(
        "href", petra.evaluate("location.pathname")
    )
