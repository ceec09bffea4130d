"""A live hour begins and ends on pages that are open: by hand, and when the clock says so."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
import datetime as dt
from common import clock
from followup.live_hours.actions import announce
from tests.browser.sessions import open_sessions
from tests.cast import create_cast

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
starts_at = clock.now() + dt.timedelta(minutes=55)
announce(
    month=cast.month, title="Exit tickets", by=cast.trainer, starts_at=starts_at,
    ends_at=starts_at + dt.timedelta(hours=1),
)
"""
SPACE = "/spaces/1/"
WIDE = {"width": 1400, "height": 800}
PHONE = {"width": 375, "height": 667}
LIVE = re.compile("is here now, until|Live now, until")


@pytest.fixture
def pages(site: Site, someone) -> dict[str, Page]:
    """Pages of a participant that are open, and nobody touches."""
    beside = enter(someone(viewport=WIDE), site, "Petra Participant", SPACE)
    today = enter(someone(viewport=PHONE), site, "Petra Participant")
    phone = enter(someone(viewport=PHONE), site, "Petra Participant", f"{SPACE}room/")
    return {"beside": beside, "today": today, "phone": phone}


def expect_live(pages: dict[str, Page], *, live: bool) -> None:
    """Expect all of them to say so, with the focus where it was."""
    for name, page in pages.items():
        shown = page.locator("main").get_by_text(LIVE).filter(visible=True)
        expect(shown.first).to_be_visible() if live else expect(shown).to_have_count(0)
        if name != "beside":
            now = page.locator(".bar").get_by_text("now", exact=True)
            expect(now).to_be_visible() if live else expect(now).to_be_hidden()
        assert page.evaluate("document.activeElement === document.body")
    expect(pages["beside"].locator("live-room:defined")).to_have_count(int(live))


def test_an_hour_begun_by_hand(site: Site, someone, pages):
    trainer = enter(someone(viewport=PHONE), site, "Tamara Trainer")
    another = enter(someone(), site, "Tamara Trainer", f"{SPACE}room/")
    expect_live(pages, live=False)
    button = trainer.get_by_role("button", name="I’m in the chat now")
    expect(button).to_be_in_viewport()
    button.click()
    expect_live(pages, live=True)
    expect(pages["beside"].locator("#announcements")).to_have_text("The chat has opened beside the page.")
    another.get_by_role("button", name="End the live hour").wait_for()
    trainer.goto("/")
    expect(trainer.get_by_role("button", name="I’m in the chat now")).to_have_count(0)
    trainer.get_by_role("button", name="End it now").click()
    expect_live(pages, live=False)
    another.get_by_role("button", name="I’m in the chat now").wait_for()
    expect(trainer.get_by_role("button", name="I’m in the chat now")).to_be_visible()


def test_an_hour_that_was_announced_begins_and_ends_by_the_clock(site: Site, pages):
    expect_live(pages, live=False)
    site.move_clock(minutes=56)
    expect_live(pages, live=True)
    site.move_clock(minutes=61)
    expect_live(pages, live=False)
    expect(pages["today"].locator("main").get_by_text("Exit tickets")).to_have_count(0)
