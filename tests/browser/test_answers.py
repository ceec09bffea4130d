"""Answering each other in a conversation: marks, the address of a reply, mentions, quotations."""

import re

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
    page.get_by_label("I tried this").check()
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
    assert page.get_by_label("I tried this").is_checked()


def test_a_name_is_completed_and_words_are_quoted_in_a_reply(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    # The editor does not come, so the box takes plain text.
    page.route("**/js/editor.*", lambda route: route.abort("internetdisconnected"))
    page.goto("/threads/1/?page=1")
    box = page.get_by_label("Your reply")
    box.press_sequentially("Thank you @tam")
    page.get_by_role("option", name="Tamara Trainer").wait_for()
    expect(box).to_have_attribute("aria-activedescendant", re.compile("^mention-"))
    box.press("Enter")
    expect(box).to_have_value("Thank you @Tamara Trainer ")
    theirs = page.locator("#reply-1")
    theirs.locator(".prose").evaluate("prose => document.getSelection().selectAllChildren(prose)")
    theirs.get_by_role("link", name="Quote").click()
    expect(box).to_have_value(
        "Thank you @Tamara Trainer\n\n"
        f"> [Pal Participant]({site.url}/replies/1/):\n> Half of the class was lost.\n\n"
    )
    expect(box).to_be_focused()
    page.get_by_role("button", name="Send").click()
    sent = page.locator("#reply-3")
    expect(sent.get_by_role("link", name="Pal Participant")).to_have_attribute(
        "href", f"{site.url}/replies/1/"
    )

    trainer = enter(someone(), site, "Tamara Trainer")
    trainer.goto("/news/")
    trainer.get_by_role("link", name="Petra Participant mentioned you in").click()
    expect(trainer.locator("#reply-3")).to_contain_text("You are mentioned")
    expect(trainer.locator("#reply-3")).to_be_in_viewport()


def test_a_name_is_completed_and_words_are_quoted_in_the_editor(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    page.goto("/threads/1/?page=1")
    page.locator("#id_text").focus()
    page.locator("rich-text[data-state=open]").wait_for()
    box = page.get_by_role("textbox", name="Your reply")
    page.keyboard.type("Thank you @tam")
    page.get_by_role("option", name="Tamara Trainer").wait_for()
    page.keyboard.press("Enter")
    expect(box).to_have_text("Thank you @Tamara Trainer ")
    page.locator("#reply-1").get_by_role("link", name="Quote").click()
    expect(box.locator("blockquote")).to_contain_text("Half of the class was lost.")
    page.keyboard.type("Behind it")
    expect(box.locator("> p").last).to_have_text("Behind it")


def test_words_quoted_before_the_editor_is_there_have_a_line_behind_them(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    page.goto("/threads/1/?page=1")
    page.locator("#reply-1").get_by_role("link", name="Quote").click()
    page.locator("rich-text[data-state=open]").wait_for()
    box = page.get_by_role("textbox", name="Your reply")
    expect(box.locator("blockquote")).to_contain_text("Half of the class was lost.")
    page.keyboard.type("Behind it")
    expect(box.locator("> p")).to_have_text("Behind it")


def test_without_a_script_marks_are_forms(site: Site, someone):
    page = enter(someone(java_script_enabled=False), site, "Petra Participant")
    page.goto("/threads/1/?page=1")
    page.locator("#reply-1").get_by_role("button", name="Thanks").click()
    page.locator("#reply-1").get_by_role("button", name="Thanks 1").wait_for()
    assert page.url.endswith("/threads/1/?page=1#reply-1")
    page.locator("#reply-1").get_by_role("link", name="More").click()
    page.get_by_role("button", name="Good idea").click()
    page.locator("#reply-1").get_by_role("button", name="Good idea 1").wait_for()
    page.locator("#reply-1").get_by_role("link", name="Quote").click()
    expect(page.get_by_label("Your reply")).to_have_value(re.compile("> Half of the class was lost."))
