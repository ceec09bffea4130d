"""Asking the author of a practice, answering, following and muting, on a phone and without a script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
PHONE = {"width": 375, "height": 800}

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import comment_on, publish

cast = create_cast()
open_sessions(cast.participant, cast.another_participant)
comment_on(publish(cast.space, cast.participant), cast.trainer, "I like that you say what failed.")
"""


def test_an_author_is_asked_answers_and_mutes_it_without_a_script(site: Site, someone):
    asker = enter(someone(java_script_enabled=False, viewport=PHONE), site, "Pal Participant")
    asker.goto("/practices/1/")
    asker.get_by_role("button", name="Follow").click()
    expect(asker.get_by_text("You’re following this")).to_be_visible()
    asker.get_by_role("link", name="Ask the author").click()
    expect(asker.get_by_label("A question to the author")).to_be_checked()
    asker.get_by_label("Your comment or question").fill("How long did it take?")
    asker.get_by_role("button", name="Send").click()
    expect(asker).to_have_url(re.compile(r"/practices/1/#comment-2$"))
    expect(asker.locator("#comment-2").get_by_text("Needs an answer")).to_be_visible()

    author = enter(someone(java_script_enabled=False, viewport=PHONE), site, "Petra Participant")
    author.goto("/news/")
    author.get_by_role("link", name="2 new comments on").click()
    author.locator("#comment-2").get_by_role("link", name="Answer").click()
    author.get_by_label("Your answer").fill("Two minutes.")
    author.get_by_role("button", name="Send").click()
    expect(author.locator("#comment-3").get_by_text("This answers it")).to_be_visible()
    expect(author.locator("#comment-2").get_by_text("Answered")).to_be_visible()
    author.get_by_role("button", name="Mute").click()
    expect(author.get_by_text("Muted", exact=True)).to_be_visible()
    author.goto("/me/following/?show=muted")
    expect(author.get_by_role("link", name="Two minutes of silence")).to_be_visible()
