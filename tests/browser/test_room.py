"""The room in browsers: two users talk, a connection breaks, a question is asked, a member is dismissed."""

import re

from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.browser.waits import drain_socket
from tests.site import Site

SETUP = """
import uuid
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from messaging.chat.actions import post_message

cast = create_cast()
room, author = cast.space.room, cast.another_participant
for user in (cast.participant, cast.trainer):
    user.set_password("long-enough-for-us")
    user.save()
open_sessions(cast.participant, cast.trainer)
for number in range(60):
    post_message(room=room, author=author, text=f"Message {number + 1}", client_id=uuid.uuid4())
"""
ROOM = "/spaces/1/room/"
DISMISS = """
from common.access import SYSTEM
from community.people.models import User
from community.spaces.actions import dismiss
from community.spaces.models import Space

dismiss(space=Space.objects.get(), user=User.objects.get(name="Petra Participant"), by=SYSTEM)
"""


def sign_in(page, name):
    page.goto("/account/login/")
    page.locator("[name=login]").fill(f"{name}@school.test")
    page.locator("[name=password]").fill("long-enough-for-us")
    page.locator("[name=password]").press("Enter")
    page.get_by_role("link", name="Today").first.wait_for()
    return page


def two_in_the_room(site, someone):
    petra = enter(someone(viewport={"width": 375, "height": 800}), site, "Petra Participant", ROOM)
    tamara = enter(someone(), site, "Tamara Trainer", ROOM)
    for page in (petra, tamara):
        page.get_by_text("Message 60").wait_for()
    return petra, tamara


def box(page):
    return page.get_by_label("Write a message")


def post(page, text):
    box(page).fill(text)
    box(page).press("Enter")


def message(page, text):
    return page.locator("room-message", has_text=text)


def action_link(message, role, name):
    """An action of a message; actions are visible while the pointer is on it."""
    message.hover()
    return message.get_by_role(role, name=name)


def open_actions(message):
    """Without scripts, the time of a message leads to a page with its actions."""
    message.locator("time").click()


def test_two_users_talk_edit_and_withdraw_without_reloading(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    tamara.get_by_text("Here now: Petra Participant").wait_for()
    box(petra).press_sequentially("We did")
    tamara.get_by_text("Petra Participant is writing").wait_for()
    post(petra, "We did it as a vote: https://school.test/vote")
    message(tamara, "We did it as a vote").get_by_role("link", name="https://school.test/vote").wait_for()
    assert petra.locator(".pending").count() == 0
    assert box(petra).input_value() == ""

    post(tamara, "And then?")
    message(petra, "And then?").get_by_text("trainer", exact=True).wait_for()

    mine = message(petra, "We did it as a vote")
    action_link(mine, "link", "Edit").click()
    assert box(petra).input_value().startswith("We did it as a vote")
    post(petra, "We did it with cards")
    message(tamara, "We did it with cards").get_by_text("changed").wait_for()
    assert tamara.get_by_text("We did it as a vote").count() == 0

    action_link(message(petra, "We did it with cards"), "button", "Delete").click()
    tamara.get_by_text("Petra Participant deleted this.").wait_for()
    assert "with cards" not in tamara.content()
    petra.get_by_role("button", name="Restore").click()
    message(tamara, "We did it with cards").wait_for()


def test_a_reader_further_up_is_not_scrolled_and_sees_a_count_of_new_messages(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    scroller = tamara.locator(".room__scroll")
    scroller.evaluate("node => (node.scrollTop = -900)")
    y_before = message(tamara, "Message 40").bounding_box()["y"]
    post(petra, "Something new")
    tamara.get_by_role("button", name="New below: 1").wait_for()
    assert abs(message(tamara, "Message 40").bounding_box()["y"] - y_before) < 2
    tamara.get_by_role("button", name="New below: 1").click()
    assert scroller.evaluate("node => node.scrollTop") == 0
    tamara.get_by_role("button", name="New below: 1").wait_for(state="hidden")

    assert tamara.locator("room-message").first.get_attribute("data-n") == "11"
    tamara.get_by_role("link", name="Earlier messages").click()
    tamara.get_by_text("Message 1", exact=True).wait_for(state="attached")
    numbers = tamara.locator("room-message").evaluate_all(
        "nodes => nodes.map((node) => Number(node.dataset.n))"
    )
    assert numbers == list(range(1, 62))


def test_a_message_written_without_a_connection_is_queued_and_sent_once(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    petra.context.set_offline(True)
    site.stop()
    post(petra, "Said into the void")
    petra.locator(".pending", has_text="Said into the void").get_by_text("We’ll try again").wait_for()
    petra.get_by_text("Connection lost").wait_for()
    site.start()
    petra.context.set_offline(False)
    message(petra, "Said into the void").wait_for()
    message(tamara, "Said into the void").wait_for()
    assert message(tamara, "Said into the void").count() == 1
    assert petra.locator(".pending").count() == 0
    assert petra.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox')).length") == 0


def test_messages_stored_on_the_device_are_sent_in_the_order_of_writing(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    store = petra.locator("room-outbox").get_attribute("data-store")
    petra.evaluate(
        """(store) => ["First", "Second", "Third", "Fourth"].forEach((word, at) => {
            const cid = `${9 - at}0000000-1000-4000-8000-100000000000`;
            const stored = { t: "send", text: `${word} word`, cid, at: at + 1 };
            localStorage.setItem(store + cid, JSON.stringify(stored));
        })""",
        store,
    )
    petra.reload()
    message(petra, "Fourth word").wait_for()
    petra.locator(".pending").first.wait_for(state="detached")
    texts = petra.locator("room-message .prose", has_text=" word").all_inner_texts()
    assert texts == ["First word", "Second word", "Third word", "Fourth word"]


def test_a_draft_stays_on_the_device_and_a_question_may_become_a_thread(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    box(petra).fill("What if half the class is lost?")
    petra.reload()
    assert box(petra).input_value() == "What if half the class is lost?"
    box(petra).press("Enter")
    petra.get_by_role("button", name="Ask it as a question").wait_for()
    assert message(petra, "half the class").count() == 0
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.wait_for_url("**/questions/new/")
    assert petra.get_by_label("Your question").input_value() == "What if half the class is lost?"
    petra.goto(ROOM)
    assert box(petra).input_value() == ""


def test_a_dismissed_member_sees_no_messages_on_the_open_page(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    site.manage("shell", "-c", DISMISS)
    petra.get_by_text("You’re no longer in this chat").wait_for()
    assert box(petra).count() == 0
    post(tamara, "Among ourselves")
    message(tamara, "Among ourselves").wait_for()
    drain_socket(petra)
    assert "Among ourselves" not in petra.content()
    assert "Message 60" not in petra.content()


def test_the_room_opens_beside_the_page_on_a_wide_screen_and_counts_while_collapsed(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    tamara.goto("/spaces/1/")
    tamara.get_by_role("link", name="The chat").wait_for()
    post(petra, "Is anybody there")
    tamara.get_by_role("link", name="The chat 1 new").wait_for()
    tamara.get_by_role("link", name="The chat").click()
    message(tamara, "Is anybody there").wait_for()
    post(tamara, "I am")
    message(petra, "I am").wait_for()
    assert tamara.url.endswith("/spaces/1/")
    tamara.get_by_role("button", name="Collapse").click()
    assert tamara.locator("live-room").count() == 0


def test_the_people_stand_beside_the_room_first_those_who_are_there(site: Site, someone):
    _petra, tamara = two_in_the_room(site, someone)
    people = tamara.locator("room-people li")
    expect(people.first).to_have_text(re.compile("Petra Participant.*here now", re.S))
    expect(people.filter(has_text="Pal Participant")).not_to_contain_text("here now")
    expect(tamara.locator("room-people .badge:visible")).to_have_count(0)


def test_without_scripts_a_member_reads_writes_and_withdraws(site: Site, someone):
    page = enter(someone(java_script_enabled=False), site, "Petra Participant")
    page.goto(ROOM)
    expect(page.get_by_text("Message 60")).to_be_in_viewport()
    box(page).fill("By form")
    page.get_by_role("button", name="Send").click()
    open_actions(message(page, "By form"))
    message(page, "By form").get_by_role("button", name="Delete").click(force=True)
    page.get_by_text("You deleted this.").wait_for()
    page.get_by_role("button", name="Restore").click()
    message(page, "By form").wait_for()
