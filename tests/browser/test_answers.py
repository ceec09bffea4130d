"""Answering each other in a conversation: marks, the address of a reply."""

from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
from community.posts.mark_actions import mark
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import reply_to, start

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
thread = start(cast.space, cast.trainer, title="Exit tickets")
reply_to(thread, cast.another_participant, "Half of the class was lost.")
reply_to(thread, cast.participant, "Then split them in two.")
mark(post=thread.replies.get(number=1), by=cast.trainer, mark="agree", on=True)
"""


def test_a_reply_is_thanked_without_leaving_the_page(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    page.goto("/threads/1/?page=1")
    page.get_by_label("Your reply").fill("Not sent yet")
    theirs, own = page.locator("#reply-1"), page.locator("#reply-2")
    theirs.get_by_role("button", name="Thanks").click()
    given = theirs.get_by_role("button", name="Thanks 1")
    expect(given).to_be_focused()
    expect(given).to_have_attribute("aria-pressed", "true")
    assert own.get_by_role("button", name="Thanks").count() == 0

    more = theirs.get_by_role("link", name="More")
    more.press("Enter")
    idea = theirs.locator(".post-more").get_by_role("button", name="Good idea")
    idea.press("Enter")
    expect(theirs.locator(".marks").get_by_role("button", name="Good idea 1")).to_be_visible()
    expect(theirs.locator(".picker__who")).to_contain_text("Thanks: Petra Participant")
    expect(theirs.get_by_label("Link to this")).to_have_value(f"{site.url}/replies/1/")
    expect(theirs.get_by_role("button", name="Copy link")).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    assert page.get_by_label("Your reply").input_value() == "Not sent yet"


def test_without_a_script_marks_are_forms(site: Site, someone):
    page = enter(someone(java_script_enabled=False), site, "Petra Participant")
    page.goto("/threads/1/?page=1")
    page.locator("#reply-1").get_by_role("button", name="Thanks").click()
    page.locator("#reply-1").get_by_role("button", name="Thanks 1").wait_for()
    assert page.url.endswith("/threads/1/?page=1#reply-1")
    page.locator("#reply-1").get_by_role("link", name="More").click()
    page.get_by_role("button", name="Good idea").click()
    page.locator("#reply-1").get_by_role("button", name="Good idea 1").wait_for()
