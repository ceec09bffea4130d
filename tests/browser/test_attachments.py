"""Pictures and files of a post: written with a broken line in between, seen, opened large, mended."""

import io
import random

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import start

cast = create_cast()
open_sessions(cast.participant, cast.another_participant)
start(cast.space, cast.trainer, title="Exit tickets")
"""
PHONE = {"viewport": {"width": 375, "height": 800}, "has_touch": True, "is_mobile": True}


def picture(name: str, size: tuple[int, int], colour: str) -> dict[str, object]:
    """A picture that takes several pieces to send."""
    made = Image.new("RGB", size, colour)
    grain = Image.frombytes("L", (200, 200), random.Random(name).randbytes(40_000)).resize(
        (size[0] // 2, size[1] // 2)
    )
    made.paste(grain, (size[0] // 4, size[1] // 4))
    kept = io.BytesIO()
    made.save(kept, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def document(name: str) -> dict[str, object]:
    kept = io.BytesIO()
    page = Image.new("RGB", (600, 850), "white")
    page.paste("#1d5c4b", (60, 60, 540, 160))
    page.save(kept, "PDF")
    return {"name": name, "mimeType": "application/pdf", "buffer": kept.getvalue()}


BOARD = picture("board.jpg", (1600, 1200), "#2b5c93")
GROUPS = picture("groups.jpg", (900, 1400), "#c98a00")
PLAN = document("Plan for two lessons.pdf")


def arrived(page: Page, name: str) -> None:
    page.locator(".attach__file[data-state=arrived]").filter(has_text=name).wait_for()


def write(page: Page) -> None:
    """A conversation with two pictures and a document, the line broken while the first is on its way."""
    page.goto("/spaces/1/threads/new/")
    page.get_by_label("Title").fill("What they made")
    page.locator("file-attach[data-ready]").wait_for()
    page.route("**/files/uploads/*/", lambda route: route.abort("internetdisconnected"))
    page.locator("input[name=upload]").set_input_files([BOARD, GROUPS, PLAN])
    for _picture in (BOARD, GROUPS):
        page.get_by_role("button", name="Add the picture").click()
    page.get_by_text("No connection.").first.wait_for()
    page.unroute("**/files/uploads/*/")
    page.evaluate("dispatchEvent(new Event('online'))")
    for each in (BOARD, GROUPS, PLAN):
        arrived(page, str(each["name"]))


@pytest.mark.parametrize("settings", [{}, PHONE], ids=["wide", "phone"])
def test_two_pictures_and_a_document_are_written_seen_and_mended(site: Site, someone, settings):
    page = enter(someone(**settings), site, "Petra Participant")
    write(page)
    page.get_by_label("Describe the picture").first.fill("Sums on the board")
    page.get_by_role("button", name="Send", exact=True).click()
    gallery = page.get_by_role("list").filter(has=page.get_by_role("img", name="Sums on the board"))
    expect(gallery.get_by_role("img")).to_have_count(2)
    page.get_by_role("link", name="Plan for two lessons.pdf PDF").wait_for()

    first = page.get_by_role("link", name="Sums on the board")
    first.press("Enter")
    view = page.get_by_role("dialog", name="Pictures")
    view.get_by_text("1 of 2").wait_for()
    page.keyboard.press("ArrowRight")
    view.get_by_text("2 of 2").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    view.get_by_text("Sums on the board").wait_for()
    expect(view.get_by_role("img")).not_to_have_js_property("naturalWidth", 0)
    page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(first).to_be_focused()

    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Describe the picture").nth(1).fill("Three groups")
    page.get_by_role("button", name="Move up: groups.jpg").press("Enter")
    page.get_by_role("button", name="Remove: Plan for two lessons.pdf").press("Enter")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".gallery img").first).to_have_attribute("alt", "Three groups")
    expect(page.locator(".gallery img").nth(1)).to_have_attribute("alt", "Sums on the board")
    expect(page.get_by_role("link", name="Plan for two lessons.pdf")).to_have_count(0)


def test_without_a_script_files_go_with_the_form_and_a_picture_opens_by_itself(site: Site, someone):
    page = enter(someone(java_script_enabled=False), site, "Petra Participant")
    page.goto("/threads/1/")
    page.get_by_label("Your reply").fill("Look what they made")
    expect(page.get_by_role("button", name="Add pictures or files")).to_be_hidden()
    page.locator("input[name=upload]").set_input_files([BOARD, PLAN])
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="Plan for two lessons.pdf").wait_for()
    large = page.locator(".gallery a")
    answer = page.request.get(str(large.get_attribute("href")))
    assert answer.headers["content-type"] == "image/webp"

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Describe the picture").fill("Sums on the board")
    page.get_by_label("Plan for two lessons.pdf").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("img", name="Sums on the board").wait_for()
    expect(page.get_by_role("link", name="Plan for two lessons.pdf")).to_have_count(0)
