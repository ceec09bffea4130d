"""Pictures and files in the room: by paste, by keyboard, over a broken connection, and without scripts."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
import uuid
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from messaging.chat.actions import post_message

cast = create_cast()
room, author = cast.space.room, cast.another_participant
open_sessions(cast.participant, cast.trainer)
for number in range(30):
    post_message(room=room, author=author, text=f"Message {number + 1}", client_id=uuid.uuid4())
"""
ROOM = "/spaces/1/room/"
PASTE = """(area, bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([new Uint8Array(bytes)], "board.png", { type: "image/png" }));
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def picture() -> bytes:
    """A small picture as a browser pastes it."""
    written = io.BytesIO()
    Image.new("RGB", (600, 450), "#2a7f62").save(written, "png")
    return written.getvalue()


def two_in_the_room(site: Site, someone):
    petra = enter(someone(viewport={"width": 375, "height": 800}), site, "Petra Participant", ROOM)
    tamara = enter(someone(), site, "Tamara Trainer", ROOM)
    for page in (petra, tamara):
        page.get_by_text("Message 30").wait_for()
    return petra, tamara


def box(page: Page):
    return page.get_by_label("Write a message")


def add_picture(page: Page):
    page.locator(".composer [type=file]").set_input_files(
        {"name": "board.png", "mimeType": "image/png", "buffer": picture()}
    )


def add_notes(page: Page):
    page.get_by_label("Add pictures or files").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Half of it."}
    )


def look_at_it(page: Page):
    """What is asked of every picture before it is sent."""
    page.get_by_role("button", name="Add the picture").click()


def test_a_pasted_picture_is_described_sent_seen_and_taken_back(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    box(petra).evaluate(PASTE, list(picture()))
    look_at_it(petra)
    petra.locator(".tray__picture").wait_for()
    petra.get_by_label("Describe the picture").fill("A green board")
    box(petra).press("Enter")

    shown = tamara.get_by_role("link", name="A green board").locator("img")
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("node => [node.naturalWidth > 0, node.width, node.height]") == [True, 293, 220]
    assert tamara.locator(".room__scroll").evaluate("node => node.scrollTop") == 0
    assert not petra.locator(".tray").count()
    assert petra.evaluate("Object.keys(localStorage).filter((key) => key.endsWith('files')).length") == 0

    tamara.reload()
    shown.wait_for()
    mine = petra.locator("room-message").last
    mine.hover()
    mine.get_by_role("button", name="Delete").click()
    shown.wait_for(state="detached")
    petra.get_by_role("button", name="Restore").click()
    shown.wait_for()


def test_with_the_keyboard_alone_files_are_added_removed_and_opened(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    box(petra).focus()
    petra.keyboard.press("Shift+Tab")
    expect(petra.get_by_label("Add pictures or files")).to_be_focused()
    add_notes(petra)
    add_picture(petra)
    look_at_it(petra)
    remove = petra.get_by_role("button", name="Remove: notes.txt")
    remove.focus()
    petra.keyboard.press("Enter")
    remove.wait_for(state="detached")
    petra.locator(".tray__picture").wait_for()
    expect(box(petra)).to_be_focused()
    petra.keyboard.type("Look")
    petra.keyboard.press("Enter")
    sent = tamara.locator("room-message", has_text="Look")
    sent.get_by_role("link", name="Picture").wait_for()
    box(tamara).focus()
    tamara.keyboard.press("ArrowUp")
    expect(sent).to_be_focused()
    for _each in range(3):
        tamara.keyboard.press("Tab")
        if sent.get_by_role("link", name="Picture").evaluate("node => node === document.activeElement"):
            break
    expect(sent.get_by_role("link", name="Picture")).to_be_focused()
    tamara.keyboard.press("Enter")
    large = tamara.get_by_role("dialog").get_by_role("img")
    expect(large).to_have_js_property("complete", True)
    assert large.evaluate("node => node.naturalWidth > 0")
    tamara.keyboard.press("Escape")
    expect(sent.get_by_role("link", name="Picture")).to_be_focused()


def test_over_a_connection_that_breaks_it_is_uploaded_and_sent_once(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    box(petra).focus()
    petra.wait_for_function("import('js/attach.js').then(() => true)")
    site.stop()
    add_picture(petra)
    petra.get_by_text("No connection. It’ll carry on by itself").wait_for()
    box(petra).fill("On its way")
    box(petra).press("Enter")
    petra.get_by_text("This will be sent once they’re here").wait_for()
    site.start()
    sent = tamara.locator("room-message", has_text="On its way")
    sent.get_by_role("link", name="Picture").wait_for()

    add_notes(petra)
    petra.locator(".tray__key[value]:not([disabled])").wait_for(state="attached")
    site.stop()
    box(petra).press("Enter")
    petra.locator(".pending", has_text="notes.txt").wait_for()
    site.start()
    petra.reload()
    tamara.locator("room-message").get_by_role("link", name="notes.txt").wait_for()
    expect(petra.locator(".pending")).to_have_count(0)
    expect(tamara.locator(".message__file")).to_have_count(1)


def test_without_scripts_a_file_is_chosen_in_the_form(site: Site, someone):
    petra = enter(someone(java_script_enabled=False), site, "Petra Participant", ROOM)
    add_notes(petra)
    petra.get_by_role("button", name="Send").click()
    petra.locator(".message").get_by_role("link", name="notes.txt").wait_for()
