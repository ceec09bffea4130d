"""The room opened beside a page of its space."""

import re

from playwright.sync_api import expect

from tests.browser.test_room import ROOM, SETUP, action_link, box, message, post, two_in_the_room
from tests.site import Site

__all__ = ["SETUP"]

SPACE = "/spaces/1/"
STORE_DRAFT = """() => {
    const { store } = document.querySelector("room-draft").dataset;
    const draft = { fields: { text: "Half a thought" }, synced: false };
    localStorage.setItem(store, JSON.stringify(draft));
}"""
OPENED = "live-room:defined"


def open_room(page):
    page.get_by_role("link", name="The chat").click()
    page.locator(OPENED).wait_for()


def test_the_keyboard_reaches_the_content_before_an_open_room_and_gets_past_it(site: Site, someone):
    _petra, tamara = two_in_the_room(site, someone)
    tamara.goto(SPACE)
    open_room(tamara)
    assert tamara.locator(".space__main ~ .space__side live-room").count() == 1
    stops = tamara.locator("room-message :is(a, button):not([tabindex='-1'])")
    expect(stops.first).to_be_attached()
    in_the_tab_order = stops.evaluate_all(
        "nodes => new Set(nodes.map((n) => n.closest('room-message'))).size"
    )
    assert in_the_tab_order == 1
    tamara.get_by_role("link", name="Skip the chat").focus()
    tamara.keyboard.press("Enter")
    tamara.keyboard.press("Tab")
    expect(tamara.get_by_role("link", name="About the course")).to_be_focused()


def test_an_opened_room_stays_open_on_the_next_pages_until_it_is_closed(site: Site, someone):
    _petra, tamara = two_in_the_room(site, someone)
    tamara.goto(SPACE)
    open_room(tamara)
    for page in (f"{SPACE}practices/", SPACE):
        tamara.goto(page)
        tamara.locator(OPENED).wait_for()
    tamara.get_by_role("button", name="Collapse").click()
    tamara.goto(f"{SPACE}people/")
    tamara.get_by_role("link", name="The chat").wait_for()
    expect(tamara.locator("[data-kept], live-room")).to_have_count(0)


def test_the_lines_of_a_collapsed_room_follow_what_is_written_and_deleted(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    tamara.goto(SPACE)
    lines = tamara.locator(".fold-room__lines li")
    post(petra, "Said and taken back")
    expect(lines.last).to_contain_text("Said and taken back")
    action_link(message(petra, "Said and taken back"), "button", "Delete").click()
    expect(lines.filter(has_text="taken back")).to_have_count(0)
    open_room(tamara)
    post(tamara, "Said while it was open")
    message(petra, "Said while it was open").wait_for()
    tamara.get_by_role("button", name="Collapse").click()
    expect(lines.last).to_contain_text("Said while it was open")


def test_the_keyboard_stays_at_the_button_that_opens_and_collapses_the_room(site: Site, someone):
    _petra, tamara = two_in_the_room(site, someone)
    tamara.goto(SPACE)
    link, collapse = (
        tamara.get_by_role("link", name="The chat"),
        tamara.get_by_role("button", name="Collapse"),
    )
    link.focus()
    tamara.keyboard.press("Enter")
    expect(collapse).to_be_focused()
    tamara.keyboard.press("Enter")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("aria-expanded", "false")
    tamara.set_viewport_size({"width": 800, "height": 800})
    expect(link).not_to_have_attribute("aria-expanded", re.compile(""))


def test_a_draft_stored_on_the_device_is_in_the_box(site: Site, someone):
    _petra, tamara = two_in_the_room(site, someone)
    tamara.evaluate(STORE_DRAFT)
    tamara.goto(SPACE)
    open_room(tamara)
    expect(box(tamara)).to_have_value("Half a thought")


def test_a_room_that_was_closed_and_reopened_handles_each_event_once(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    tamara.goto(SPACE)
    for _time in range(3):
        open_room(tamara)
        tamara.get_by_role("button", name="Collapse").click()
        expect(tamara.locator(OPENED)).to_have_count(0)
    open_room(tamara)
    sent: list[str] = []
    tamara.on("websocket", lambda _socket: sent.append("another connection"))
    post(tamara, "Said beside the page")
    message(petra, "Said beside the page").wait_for()
    expect(message(tamara, "Said beside the page")).to_have_count(1)
    post(petra, "Heard")
    expect(message(tamara, "Heard")).to_have_count(1)
    assert not sent
    petra.goto(ROOM)
    expect(message(petra, "Said beside the page")).to_have_count(1)
