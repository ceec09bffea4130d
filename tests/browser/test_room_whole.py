"""Replies, marks, mentions, search and drafts in the room: two members, one installation for all tests."""

import signal
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.test_look import violations_in, wider_than_the_window
from tests.browser.test_room import ROOM, action_link, box, message, open_actions, post, sign_in
from tests.browser.waits import load_with_clock, pass_time
from tests.site import Site

FIRST = str(uuid.uuid4())
SETUP = f"""
import uuid
from tests.cast import create_cast
from messaging.chat.actions import post_message

cast = create_cast()
room, author = cast.space.room, cast.another_participant
for user in (cast.participant, cast.trainer):
    user.set_password("long-enough-for-us")
    user.save()
post_message(room=room, author=cast.participant, text="What Petra said first", client_id=uuid.UUID("{FIRST}"))
for number in range(1, 61):
    post_message(room=room, author=author, text=f"Message {{number}}", client_id=uuid.uuid4())
"""
READ_TO = """
from messaging.chat.models import RoomMember

RoomMember.objects.filter(user__name="Petra Participant").update(read_number={})
"""
FOUR_MORE = """
from community.spaces.models import Space
from messaging.chat.models import RoomMember
from tests.cast import join, person

for number in range(4):
    join(Space.objects.get(), person(f"Reader {number}"))
RoomMember.objects.filter(user__name__startswith="Reader").update(read_number=1_000_000)
"""
PHONE = {"width": 375, "height": 800}
KEYBOARD = """() => {
    const seen = window.visualViewport;
    Object.defineProperty(seen, "height", { get: () => 430 });
    seen.dispatchEvent(new Event("resize"));
}"""
FAKE_CONNECTION = """() => {
    window.sentTexts = [];
    addEventListener("live:send", (event) => {
        if (event.detail.t === "send") window.sentTexts.push(event.detail.text);
        window.cid = event.detail.cid ?? window.cid;
        event.preventDefault();
        event.stopImmediatePropagation();
    }, true);
    window.receive = (name, more) =>
        document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: { cid: window.cid, ...more } }));
}"""


@pytest.fixture(scope="module")
def installation() -> Iterator[Site]:
    installation = Site("sqlite")
    installation.manage("shell", "-c", SETUP)
    installation.start()
    yield installation
    installation.stop(signal.SIGKILL)


@pytest.fixture
def site(installation):
    """The same installation for all, since each test posts its own messages."""
    return installation


@pytest.fixture(scope="module")
def signed_in() -> dict[str, object]:
    """The stored browser state of users that have signed in, by name."""
    return {}


@pytest.fixture
def enter(someone, signed_in):
    """`enter("petra.participant")` opens the room; browser settings or another page may be given."""

    def enter(name: str, path: str = ROOM, **settings: object):
        if name not in signed_in:
            signed_in[name] = sign_in(someone(), name).context.storage_state()
        page = someone(storage_state=signed_in[name], **settings)
        page.goto(path)
        return page

    return enter


@pytest.fixture
def petra(enter):
    return enter("petra.participant", viewport=PHONE)


@pytest.fixture
def tamara(enter):
    return enter("tamara.trainer")


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText || document.activeElement.name")


def test_a_reply_quotes_its_message_until_that_is_withdrawn(petra, tamara):
    post(tamara, "Bring one picture each")
    message(petra, "Bring one picture each").wait_for()
    box(petra).press("ArrowUp")
    assert "Bring one picture each" in focused(petra)
    petra.keyboard.press("r")
    petra.get_by_text("Your reply to Tamara Trainer").wait_for()
    petra.keyboard.press("Escape")
    petra.get_by_text("Your reply to Tamara Trainer").wait_for(state="hidden")
    box(petra).press("ArrowUp")
    petra.keyboard.press("R")
    petra.keyboard.type("Mine is of a bridge")
    petra.keyboard.press("Enter")
    petra.get_by_text("Your reply to Tamara Trainer").wait_for(state="hidden")

    reply = message(tamara, "Mine is of a bridge")
    quote = reply.get_by_role("link", name="Tamara Trainer Bring one picture each")
    quote.click()
    assert "Bring one picture each" in focused(tamara)
    original = tamara.locator("room-message.message--mine", has_text="Bring one picture each")
    action_link(original, "button", "Delete").click()
    message(petra, "Mine is of a bridge").get_by_role("link", name="This was deleted.").wait_for()
    reply.get_by_role("link", name="This was deleted.").wait_for()
    assert "Bring one picture each" not in petra.content()


def test_a_mark_is_toggled_by_keyboard_and_shown_to_all_with_the_names(petra, tamara):
    post(tamara, "Try it in pairs")
    message(petra, "Try it in pairs").wait_for()
    box(petra).press("ArrowUp")
    petra.keyboard.press("+")
    assert focused(petra) == "Thanks"
    petra.keyboard.press("Escape")
    assert "Try it in pairs" in focused(petra)
    petra.keyboard.press("+")
    petra.keyboard.press("Enter")
    given = message(tamara, "Try it in pairs").get_by_role("button", name="Thanks 1")
    given.wait_for()
    assert given.get_attribute("title") == "Thanks: Petra Participant"
    assert given.get_attribute("aria-pressed") == "false"
    given.click()
    pressed = message(petra, "Try it in pairs").get_by_role("button", name="Thanks 2")
    pressed.wait_for()
    assert pressed.get_attribute("aria-pressed") == "true"
    pressed.click()
    message(tamara, "Try it in pairs").get_by_role("button", name="Thanks 1", pressed=True).wait_for()


def test_members_are_suggested_after_an_at_sign_and_mentioned_ones_are_notified(petra, tamara):
    box(petra).press_sequentially("Ask @")
    offered = petra.get_by_role("option")
    offered.first.wait_for()
    assert offered.count() > 1
    assert box(petra).get_attribute("aria-activedescendant") == offered.first.get_attribute("id")
    box(petra).press("Escape")
    assert offered.count() == 0
    box(petra).press_sequentially("tam")
    petra.get_by_role("option", name="Tamara Trainer", selected=True).wait_for()
    box(petra).press("Tab")
    assert box(petra).input_value() == "Ask @Tamara Trainer "
    box(petra).press_sequentially("first")
    box(petra).press("Enter")
    message(tamara, "Ask @Tamara Trainer first").get_by_text("You are mentioned").wait_for()
    assert not message(petra, "Ask @Tamara Trainer first").get_by_text("You are mentioned").is_visible()


def test_a_link_leads_to_the_first_unread_message_on_this_page_or_another(site: Site, enter):
    site.manage("shell", "-c", READ_TO.format(4))
    petra = enter("petra.participant", viewport=PHONE)
    petra.get_by_role("link", name="To the first unread").click()
    petra.wait_for_url("**/room/?at=5&unread=1#message-5")
    assert petra.locator("#message-5").get_by_text("New since you were here").is_visible()

    petra.goto(ROOM)
    last = int(petra.locator("room-message").last.get_attribute("data-n"))
    site.manage("shell", "-c", READ_TO.format(last - 40))
    petra.reload()
    petra.get_by_role("link", name="To the first unread").click()
    assert "New since you were here" in focused(petra)
    petra.get_by_role("link", name="To the first unread").wait_for(state="detached")


def test_messages_are_found_and_escape_returns_to_the_room(petra, tamara):
    box(tamara).press("ArrowUp")
    tamara.keyboard.press("/")
    tamara.keyboard.type("petra first")
    tamara.keyboard.press("Enter")
    tamara.wait_for_url("**/search/?q=petra+first")
    row = tamara.get_by_role("listitem").filter(has_text="What Petra said first")
    assert row.locator("mark").all_inner_texts() == ["Petra", "first"]
    assert not violations_in(tamara)
    row.get_by_role("link").click()
    tamara.wait_for_url("**/room/?at=1#message-1")
    assert message(tamara, "What Petra said first").is_visible()
    tamara.go_back()
    tamara.get_by_role("searchbox").press("Escape")
    tamara.get_by_role("searchbox").press("Escape")
    tamara.wait_for_url("**/room/")


def test_a_draft_is_continued_on_another_device_until_it_is_sent(petra, enter):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Half a thought")
    laptop = enter("petra.participant")
    assert box(laptop).input_value() == "Half a thought"
    with laptop.expect_response("**/drafts/"):
        post(laptop, "Half a thought, and the rest")
    petra.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(box(petra)).to_have_value("")


def test_an_author_sees_how_many_have_read_their_newest_message(site, petra, tamara):
    site.manage("shell", "-c", FOUR_MORE)
    post(petra, "Has anybody seen this")
    message(tamara, "Has anybody seen this").wait_for()
    message(petra, "Has anybody seen this").get_by_text("Read by 5").wait_for()


def test_no_message_overtakes_one_that_was_answered_with_busy(petra):
    load_with_clock(petra, ROOM)
    petra.evaluate(FAKE_CONNECTION)
    post(petra, "One")
    post(petra, "Two")
    assert petra.evaluate("sentTexts") == ["One"]
    petra.evaluate("receive('busy')")
    post(petra, "Three")
    pass_time(petra, 2.5)
    assert petra.evaluate("sentTexts") == ["One", "One"]
    petra.evaluate("receive('ack', { n: 1e9 })")
    assert petra.evaluate("sentTexts") == ["One", "One", "Two"]
    petra.evaluate("document.querySelector('room-outbox').clear()")


def test_a_stored_message_that_is_in_the_log_is_not_shown_as_pending(petra):
    store = petra.locator("room-outbox").get_attribute("data-store")
    petra.evaluate(
        """([store, cid]) => {
            const stored = { t: "send", text: "What Petra said first", cid, at: 1 };
            localStorage.setItem(store + cid, JSON.stringify(stored));
        }""",
        [store, FIRST],
    )
    load_with_clock(petra, ROOM)
    expect(petra.locator("room-pending")).to_have_count(0)
    pass_time(petra, 2)
    assert petra.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox'))") == []
    expect(petra.locator("room-pending")).to_have_count(0)


def test_the_text_box_stays_above_an_on_screen_keyboard(petra):
    box(petra).click()
    petra.evaluate(KEYBOARD)
    petra.locator(".room[data-covered]").wait_for()
    bounds = box(petra).bounding_box()
    assert bounds["y"] + bounds["height"] <= 430
    assert petra.locator("room-message").last.bounding_box()["y"] < bounds["y"]
    assert not wider_than_the_window(petra)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_popups_of_the_room_have_no_accessibility_violations(enter, scheme):
    petra = enter("petra.participant", viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    box(petra).press("ArrowUp")
    petra.keyboard.press("+")
    assert not violations_in(petra)
    petra.keyboard.press("Escape")
    petra.keyboard.press("?")
    assert not violations_in(petra)
    petra.keyboard.press("Escape")
    box(petra).fill("@")
    petra.get_by_role("option").first.wait_for()
    assert not violations_in(petra)
    assert not wider_than_the_window(petra)
    box(petra).fill("")


def test_without_scripts_a_member_replies_marks_and_searches(enter, tamara):
    post(tamara, "For those without scripts")
    message(tamara, "For those without scripts").wait_for()
    page = enter("petra.participant", java_script_enabled=False)
    original = page.locator("room-message", has_text="For those without scripts")
    open_actions(original)
    original.get_by_role("link", name="Reply").click()
    page.get_by_text("Your reply to Tamara Trainer").wait_for()
    box(page).fill("By a form")
    page.get_by_role("button", name="Send").click()
    quote = message(page, "By a form").get_by_role("link", name="For those without scripts")
    quote.wait_for()
    open_actions(original.first)
    original.first.get_by_role("link", name="React", exact=True).click(force=True)
    page.get_by_role("button", name="Good idea").click()
    page.get_by_role("button", name="Good idea 1", pressed=True).first.wait_for()
    page.get_by_role("searchbox", name="Search the chat").fill("without scripts")
    page.get_by_role("searchbox", name="Search the chat").press("Enter")
    assert page.locator("mark").first.inner_text() == "without"
