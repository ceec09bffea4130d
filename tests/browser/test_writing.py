"""Writing in a space: drafts are continued on another device, threads open at the first unread reply."""

import pytest
from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

pytestmark = pytest.mark.parametrize("site", ["postgres"], indirect=True)

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import reply_to, start

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
thread = start(cast.space, cast.trainer, title="Exit tickets")
for number in range(40):
    reply_to(thread, cast.another_participant, f"Reply number {number + 1}")
"""
MORE = """
from community.people.models import User
from community.threads.models import Thread
from tests.written import reply_to

reply_to(Thread.objects.get(), User.objects.get(name="Tamara Trainer"), "And one more")
"""


def test_a_reply_started_on_one_device_is_finished_on_another(site: Site, someone):
    school = enter(someone(), site, "Petra Participant")
    school.goto("/threads/1/?page=2")
    school.get_by_label("Your reply").fill("We split them, and")
    school.get_by_label("I tried this").check()
    school.get_by_role("status").filter(has_text="Draft saved").wait_for()

    home = enter(someone(viewport={"width": 375, "height": 800}), site, "Petra Participant")
    home.goto("/threads/1/?page=2")
    expect(home.get_by_label("Your reply")).to_have_text("We split them, and")
    assert home.get_by_label("I tried this").is_checked()
    home.get_by_label("Your reply").fill("We split them, and it worked.")
    home.get_by_role("button", name="Send").click()
    home.locator("#reply-41").get_by_text("it worked.").wait_for()
    assert home.url.endswith("?page=2#reply-41")
    expect(home.get_by_label("Your reply")).to_have_value("")

    school.reload()
    school.wait_for_load_state("networkidle")
    expect(school.get_by_label("Your reply")).to_have_value("")


def test_a_conversation_opens_at_the_first_new_reply(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    page.goto("/spaces/1/")
    page.get_by_role("link", name="Exit tickets").click()
    page.get_by_text("Reply number 30").wait_for()
    assert page.get_by_text("New since you were here").count() == 0
    page.get_by_role("link", name="Next").first.click()
    page.get_by_text("Reply number 40").wait_for()
    site.manage("shell", "-c", MORE)
    page.goto("/spaces/1/")
    page.get_by_text("41 replies, 1 new").wait_for()
    page.get_by_role("link", name="Exit tickets").click()
    page.get_by_text("New since you were here").wait_for()
    assert page.url.endswith("/threads/1/?page=2#reply-41")
    expect(page.locator("#reply-41")).to_be_in_viewport()


def test_a_withdrawal_is_undone_by_keyboard(site: Site, someone):
    page = enter(someone(), site, "Tamara Trainer")
    page.goto("/threads/1/?page=1")
    page.get_by_role("button", name="Delete").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("You deleted this.").wait_for()
    page.get_by_role("button", name="Restore").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Restored.").wait_for()
    page.get_by_role("heading", name="Exit tickets").wait_for()
