"""Blurring and cropping a picture before it is sent, by mouse, touch and keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast

open_sessions(create_cast().participant)
"""
PREPARE = """async ([width, height, type]) => {
    const { prepare } = await import("js/attach.js");
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    for (let x = 0; x < width; x += 4) {
        context.fillStyle = x % 8 ? "#fff" : "#000";
        context.fillRect(x, 0, 4, height);
    }
    const blob = await new Promise((done) => canvas.toBlob(done, type));
    globalThis.answer = prepare(new File([blob], "board.png", { type }));
}"""
ANSWER = """async () => {
    const file = await globalThis.answer;
    if (!file) return null;
    const picture = await createImageBitmap(file);
    const canvas = Object.assign(document.createElement("canvas"), picture);
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const contrast = (x, y) => {
        const { data } = context.getImageData(x, y, 16, 1);
        const greys = Array.from({ length: 16 }, (_, at) => data[at * 4]);
        return Math.max(...greys) - Math.min(...greys);
    };
    const { width, height } = picture;
    const middle = contrast(width / 2 - 8, height / 2), corner = contrast(4, 4);
    return { name: file.name, type: file.type, width, height, middle, corner };
}"""


def choose_picture(page: Page, width: int = 800, height: int = 600, kind: str = "image/png") -> None:
    page.evaluate(PREPARE, [width, height, kind])
    expect(page.get_by_role("button", name="Add the picture")).to_be_focused()


@pytest.fixture
def page(site: Site, someone) -> Page:
    return enter(someone(has_touch=True), site, "Petra Participant", "/me/")


def test_one_tap_adds_the_picture_as_it_is_and_the_word_about_pupils_is_said_once(page: Page):
    choose_picture(page, 4000, 3000)
    expect(page.get_by_text("Pictures here show no pupil")).to_be_visible()
    with page.expect_response(lambda response: response.request.method == "POST" and response.ok):
        page.get_by_role("button", name="Add the picture").tap()
    sent = page.evaluate(ANSWER)
    assert (sent["name"], sent["type"]) == ("board.webp", "image/webp")
    assert (sent["width"], sent["height"]) == (2560, 1920)
    page.reload()
    choose_picture(page)
    expect(page.get_by_text("Pictures here show no pupil")).to_be_hidden()


def test_a_tap_and_a_drag_blur_into_the_pixels_and_can_be_undone(page: Page):
    choose_picture(page)
    stage = page.locator("picture-dialog canvas")
    box = stage.bounding_box()
    assert box
    stage.tap()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60, steps=3)
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text="Blurred.")).to_be_attached()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Add the picture").click()
    sent = page.evaluate(ANSWER)
    assert sent["middle"] < 40
    assert sent["corner"] > 200
    assert (sent["width"], sent["height"]) == (800, 600)


def test_everything_works_by_keyboard(page: Page):
    choose_picture(page, 800, 400, "image/jpeg")
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    stage = page.get_by_role("application", name="The picture")
    stage.focus()
    expect(page.get_by_text("Arrow keys move a frame")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Crop").press("Enter")
    stage.focus()
    for key in ("ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Turn").press("Enter")
    page.get_by_role("button", name="Crop").press("Enter")
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Add the picture").press("Enter")
    sent = page.evaluate(ANSWER)
    assert (sent["name"], sent["type"]) == ("board.jpg", "image/jpeg")
    assert (sent["width"], sent["height"]) == (132, 100)
    assert sent["corner"] < 40


def test_escape_hides_the_frame_first_and_then_gives_the_picture_up(page: Page):
    choose_picture(page)
    page.get_by_role("application", name="The picture").focus()
    page.keyboard.press("ArrowRight")
    frame = page.locator(".picture__frame")
    expect(frame).to_be_visible()
    page.keyboard.press("Escape")
    expect(frame).to_be_hidden()
    page.keyboard.press("Escape")
    assert page.evaluate(ANSWER) is None
    choose_picture(page)
    page.get_by_role("button", name="Don’t add it").click()
    assert page.evaluate(ANSWER) is None


def test_two_pictures_chosen_at_once_come_in_turn(page: Page):
    choose_picture(page, 300, 200)
    page.evaluate("void (globalThis.first = globalThis.answer)")
    page.evaluate(PREPARE, [200, 100, "image/png"])
    page.get_by_role("button", name="Add the picture").click()
    assert page.evaluate("globalThis.first.then((file) => file.size > 0)")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Add the picture").click()
    assert page.evaluate(ANSWER)["width"] == 200


def test_what_the_browser_cannot_read_may_be_added_after_a_warning(page: Page):
    page.evaluate(
        """async () => {
            const { prepare } = await import("js/attach.js");
            const file = new File(["not really"], "IMG_1.HEIC", { type: "image/heic" });
            globalThis.same = prepare(file).then((sent) => sent === file);
        }"""
    )
    expect(page.get_by_text(re.compile("can’t be shown here"))).to_be_visible()
    page.get_by_role("button", name="Add the picture").click()
    assert page.evaluate("globalThis.same")


def test_where_the_browser_finds_faces_it_is_offered_and_never_trusted(page: Page):
    page.add_init_script(
        """globalThis.FaceDetector = class {
            async detect({ width, height }) {
                return [{ boundingBox: { x: width / 2 - 40, y: height / 2 - 40, width: 80, height: 80 } }];
            }
        }"""
    )
    page.reload()
    choose_picture(page)
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_role("status").filter(has_text="check the picture yourself")).to_be_attached()
    page.get_by_role("button", name="Add the picture").click()
    assert page.evaluate(ANSWER)["middle"] < 40
