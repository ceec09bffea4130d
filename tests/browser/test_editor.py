"""Writing in the editor, by keyboard alone and with what is pasted, and without its script."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sessions import enter
from tests.browser.test_attachments import BOARD
from tests.browser.test_look import violations_in
from tests.site import Site

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import reply_to, start

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
thread = start(cast.space, cast.trainer, title="Exit tickets")
reply_to(thread, cast.participant, "Two things:\\n\\n- some **paper**\\n- pencils")
"""
PASTE = """([html, text]) => {
    const data = new DataTransfer();
    if (html) data.setData("text/html", html);
    data.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
}"""


def written(page: Page) -> str:
    """What the form would send."""
    return page.locator("textarea[name=text]").evaluate("area => area.value")


def open_editor(page: Page) -> None:
    page.locator("rich-text[data-state=open]").first.wait_for()


def test_a_reply_by_keyboard_alone(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", "/threads/1/")
    assert page.evaluate("performance.getEntriesByType('resource').every(({ name }) => !/editor/.test(name))")
    page.locator("#id_text").focus()
    page.keyboard.type("Typed at once, ")
    open_editor(page)
    page.keyboard.type("and then ")
    page.keyboard.press("Alt+F10")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("loud")
    assert written(page) == "<!--html1--><p>Typed at once, and then <strong>loud</strong></p>"
    box = page.get_by_role("textbox", name="Your reply")
    expect(box).to_have_attribute("lang", "en")
    expect(box).to_have_attribute("spellcheck", "true")
    assert violations_in(page) == []
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.get_by_role("status").filter(has_text="Draft saved").wait_for()
    page.reload()
    expect(page.get_by_role("textbox", name="Your reply").locator("strong")).to_have_text("loud")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#reply-2 .prose strong")).to_have_text("loud")


def test_what_is_pasted_and_a_table(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", "/spaces/1/threads/new/")
    open_editor(page)
    page.get_by_label("Title").fill("Worksheets")
    page.locator("#id_text").focus()
    word = "<p class=MsoNormal style='color:red'>A <b>hatodik</b> óra<o:p></o:p></p><style>p{}</style>"
    page.evaluate(PASTE, [word, "A hatodik óra"])
    page.keyboard.press("Enter")
    page.evaluate(PASTE, ["", "one\ntwo\n\nthree"])
    assert written(page) == ("<!--html1--><p>A <strong>hatodik</strong> óra</p><p>one<br>two</p><p>three</p>")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Table").click()
    page.keyboard.type("Name")
    page.keyboard.press("Tab")
    page.keyboard.type("Points")
    page.get_by_role("button", name="Delete the row").click()
    assert violations_in(page) == []
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.get_by_label("Address").fill("no address")
    page.keyboard.press("Enter")
    page.get_by_text("This isn’t the address of a page").wait_for()
    page.get_by_label("Address").fill("www.school.test")
    page.keyboard.press("Enter")
    expect(page.locator("#id_text a").first).to_have_attribute("href", "https://www.school.test")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".prose th").first).to_have_text("Name")


def test_an_old_text_opens_with_its_formats_and_changes_only_when_it_is_changed(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", "/replies/1/edit/")
    open_editor(page)
    expect(page.locator("#id_text li strong")).to_have_text("paper")
    assert written(page) == "Two things:\n\n- some **paper**\n- pencils"
    page.locator("#id_text").press("Control+End")
    page.keyboard.type(", red")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#reply-1 li").last).to_have_text("pencils, red")

    plain = enter(someone(java_script_enabled=False), site, "Petra Participant", "/replies/1/edit/")
    expect(plain.get_by_label("Your reply")).to_have_value("Two things:\n\n- some **paper**\n- pencils, red")
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("#reply-1 li strong")).to_have_text("paper")


def test_without_the_editor_the_box_stays_a_box(site: Site, someone):
    page = someone()
    page.route("**/js/editor*", lambda route: route.fulfill(status=404))
    enter(page, site, "Petra Participant", "/replies/1/edit/")
    page.locator("rich-text[data-state=plain]").wait_for()
    expect(page.get_by_label("Your reply")).to_have_value("Two things:\n\n- some **paper**\n- pencils")


def test_a_picture_in_the_text_is_sent_described_and_seen(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", "/spaces/1/threads/new/")
    open_editor(page)
    page.get_by_label("Title").fill("On the board")
    page.locator("#id_text").focus()
    page.keyboard.type("Look: ")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files([BOARD])
    page.get_by_role("button", name="Add the picture").click()
    page.locator(".editor__picture img[src^='/pictures/']").wait_for()
    page.get_by_label("Describe the picture").fill("Sums")
    page.locator(".editor__picture figcaption").click()
    page.keyboard.type("Ours")
    assert violations_in(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".prose figcaption")).to_have_text("Ours")
    expect(page.get_by_role("img", name="Sums")).to_have_count(1)
    assert page.get_by_role("img", name="Sums").evaluate(
        "image => image.decode().then(() => image.naturalWidth)"
    )
    page.get_by_role("link", name="Sums").press("Enter")
    expect(page.locator("dialog.view .view__caption")).to_have_text("Sums")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Sums")).to_be_focused()
    page.get_by_role("link", name="Edit").first.click()
    open_editor(page)
    expect(page.locator(".editor__picture img")).to_have_attribute("alt", "Sums")
    page.get_by_label("Describe the picture").fill("Sums on a board")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="Sums on a board")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 375])
def test_a_phone_has_a_row_of_few_buttons(site: Site, someone, width):
    page = enter(
        someone(viewport={"width": width, "height": 700}), site, "Petra Participant", "/spaces/1/threads/new/"
    )
    open_editor(page)
    expect(page.get_by_role("button", name="Quotation")).to_be_hidden()
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("button", name="Quotation")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
