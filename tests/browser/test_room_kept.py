"""Nothing typed in the room is lost, and no action leaves the page: without a connection, in two tabs, on two
devices."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_room import ROOM, action_link, box, message, post, sign_in
from tests.browser.test_room_whole import READ_TO, enter, installation, petra, signed_in, site, tamara
from tests.browser.waits import load_with_clock, pass_time, round_trip, wait_for_saved_drafts
from tests.waiting import wait_until

__all__ = ["enter", "installation", "petra", "signed_in", "site", "tamara"]
SWALLOW_SENDS = """() => addEventListener("live:send", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
}, true)"""
READ = """
from messaging.chat.models import RoomMember

print(RoomMember.objects.get(user__name="Petra Participant").read_number)
"""
REJECT_SENDS = """() => addEventListener("live:send", (event) => event.stopImmediatePropagation(), true)"""
EMPTY_THE_BOX = """document.addEventListener("readystatechange", () => {
    const box = document.querySelector(".composer textarea");
    if (document.readyState === "interactive" && box) box.value = "";
})"""
"""As if the server had made the page before the draft reached it: the scripts of the page run after this."""
ANSWER_SECONDS = 8
"""How long the page waits for the answer to an action."""
TOO_LONG_TEXT = "far too long " * 400


def make_visible_again(page):
    """Let the page load the draft of the account, as when its tab becomes visible, and wait for it."""
    wait_for_saved_drafts(page)
    with page.expect_response(lambda response: "/drafts/?" in response.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    round_trip(page)


@pytest.fixture
def second_tab(petra):
    tab = petra.context.new_page()
    tab.goto(ROOM)
    box(tab).wait_for()
    return tab


def test_withdrawing_without_a_connection_shows_an_error_and_stays_on_the_page(petra, tamara):
    post(petra, "Not to be lost from sight")
    message(tamara, "Not to be lost from sight").wait_for()
    petra.evaluate(REJECT_SENDS)
    petra.context.set_offline(True)
    action_link(message(petra, "Not to be lost from sight"), "button", "Delete").click()
    petra.get_by_text("That didn’t go through").wait_for()
    assert petra.url.endswith(ROOM)
    petra.context.set_offline(False)
    action_link(message(petra, "Not to be lost from sight"), "button", "Delete").click()
    tamara.get_by_text("Petra Participant deleted this.").first.wait_for()
    assert petra.url.endswith(ROOM)


def test_earlier_messages_that_cannot_be_fetched_show_an_error_and_can_be_retried(petra):
    petra.context.set_offline(True)
    petra.get_by_role("link", name="Earlier messages").click()
    petra.get_by_text("That didn’t go through").wait_for()
    petra.context.set_offline(False)
    petra.get_by_role("link", name="Earlier messages").click()
    message(petra, "What Petra said first").wait_for(state="attached")


def test_a_refused_message_is_inserted_before_the_text_in_the_box(petra):
    post(petra, TOO_LONG_TEXT)
    again = petra.get_by_role("button", name="Move it back to the text box")
    again.wait_for()
    box(petra).fill("Begun since")
    again.click()
    expect(box(petra)).to_have_value(f"{TOO_LONG_TEXT.strip()}\n\nBegun since")
    expect(box(petra)).to_be_focused()
    box(petra).fill("")


def test_a_question_that_cannot_be_submitted_stays_in_the_box(petra):
    box(petra).fill("How do I ask without a line?")
    box(petra).press("Enter")
    petra.context.set_offline(True)
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.get_by_text("That didn’t go through").wait_for()
    assert box(petra).input_value() == "How do I ask without a line?"
    petra.context.set_offline(False)
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.wait_for_url("**/questions/new/")
    assert petra.get_by_label("Your question").input_value() == "How do I ask without a line?"


def test_sending_by_the_button_keeps_the_focus_in_the_box(petra):
    box(petra).fill("By the button")
    petra.get_by_role("button", name="Send", exact=True).click()
    message(petra, "By the button").wait_for()
    expect(box(petra)).to_be_focused()


def test_drafts_of_two_tabs_do_not_overwrite_each_other(petra, second_tab):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Of the first tab")
    load_with_clock(second_tab, ROOM)
    with second_tab.expect_response("**/drafts/"):
        box(second_tab).fill("And the second")
    make_visible_again(petra)
    box(petra).press("Enter")
    message(second_tab, "Of the first tab").wait_for()
    pass_time(second_tab, 4)
    assert box(second_tab).input_value() == "And the second"
    second_tab.reload()
    assert box(second_tab).input_value() == "And the second"
    post(second_tab, "And the second")
    message(petra, "And the second").wait_for()


def test_a_text_sent_on_another_device_is_removed_from_the_box(petra, enter):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Begun on the phone")
    laptop = enter("petra.participant")
    post(laptop, "Begun on the phone, sent from the laptop")
    message(petra, "sent from the laptop").wait_for()
    expect(box(petra)).to_have_value("")


def test_the_withdraw_button_names_its_effect_for_authors_and_for_those_who_keep_order(petra, tamara):
    post(petra, "For the trainer to judge")
    action_link(message(tamara, "For the trainer to judge"), "button", "Remove").wait_for()
    action_link(message(petra, "For the trainer to judge"), "button", "Delete").wait_for()


def test_text_typed_after_starting_an_edit_goes_into_the_box(petra):
    load_with_clock(petra, ROOM)
    post(petra, "A word to change")
    message(petra, "A word to change").wait_for()
    action_link(message(petra, "A word to change"), "link", "Edit").click()
    petra.get_by_role("button", name="Save", exact=True).wait_for()
    petra.keyboard.press("End")
    petra.keyboard.type(" remarkably")
    expect(box(petra)).to_have_value("A word to change remarkably")
    petra.keyboard.press("Escape")
    petra.get_by_role("button", name="Send", exact=True).wait_for()
    message(petra, "A word to change").focus()
    petra.keyboard.press("e")
    petra.keyboard.press("End")
    petra.keyboard.type(" just so")
    pass_time(petra, 4)
    expect(box(petra)).to_have_value("A word to change just so")
    petra.keyboard.press("Enter")
    message(petra, "A word to change just so").get_by_text("changed").wait_for()


def test_a_question_submitted_after_the_session_ended_stays_in_the_box(enter):
    petra = enter("petra.participant")
    box(petra).fill("Who am I now?")
    box(petra).press("Enter")
    petra.context.clear_cookies()
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.get_by_text("You’re signed out").wait_for()
    link = petra.get_by_role("link", name="Sign in in another tab")
    assert link.get_attribute("href") == f"/account/login/?next={ROOM}"
    assert box(petra).input_value() == "Who am I now?"


def sign_out_elsewhere(page):
    tab = page.context.new_page()
    tab.goto("/me/")
    tab.get_by_role("button", name="Sign out").first.click()
    tab.get_by_role("link", name="Sign in").first.wait_for()
    page.get_by_text("You’re signed out").wait_for()
    return tab


def test_a_message_written_while_signed_out_is_sent_after_signing_in_in_another_tab(enter, signed_in):
    petra = enter("petra.participant")
    del signed_in["petra.participant"]
    tab = sign_out_elsewhere(petra)
    box(petra).fill("Written between two sessions")
    box(petra).press("Enter")
    petra.get_by_text("Not sent yet").first.wait_for()
    sign_in(tab, "petra.participant")
    petra.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    message(petra, "Written between two sessions").wait_for()
    petra.get_by_text("You’re signed out").wait_for(state="hidden")


def test_nothing_is_sent_in_the_name_of_somebody_else_who_signs_in_in_another_tab(enter, signed_in, tamara):
    petra = enter("petra.participant")
    del signed_in["petra.participant"]
    tab = sign_out_elsewhere(petra)
    box(petra).fill("Petra wrote this")
    box(petra).press("Enter")
    sign_in(tab, "tamara.trainer")
    with petra.expect_response(lambda response: "/live/poll/" in response.url):
        petra.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    petra.reload()
    tab.goto(ROOM)
    tab.get_by_text("Message 60").wait_for()
    assert message(tamara, "Petra wrote this").count() == 0
    assert tab.get_by_text("Petra wrote this").count() == 0


def test_a_shorter_draft_of_another_tab_does_not_replace_a_longer_one(petra, second_tab):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Of all that I tried this week")
    # Focusing an empty box restores the draft; typing before it is there would be appended to it.
    with second_tab.expect_response(lambda response: "/drafts/?" in response.url):
        box(second_tab).focus()
    round_trip(second_tab)
    with second_tab.expect_response("**/drafts/"):
        box(second_tab).fill("Of")
    make_visible_again(petra)
    assert box(petra).input_value() == "Of all that I tried this week"


def test_an_action_over_a_silently_dead_connection_falls_back_to_http(petra, tamara):
    load_with_clock(petra, ROOM)
    post(petra, "Taken back over a dead line")
    message(tamara, "Taken back over a dead line").wait_for()
    petra.evaluate(SWALLOW_SENDS)
    action_link(message(petra, "Taken back over a dead line"), "button", "Delete").click()
    pass_time(petra, ANSWER_SECONDS)
    message(tamara, "Taken back over a dead line").wait_for(state="detached")


def test_a_link_to_a_message_does_not_mark_the_messages_below_as_read(installation, enter):
    installation.manage("shell", "-c", READ_TO.format(30))
    petra = enter(
        "petra.participant", path=f"{ROOM}?at=40#message-40", viewport={"width": 375, "height": 600}
    )
    message(petra, "Message 39").wait_for()
    wait_until(
        lambda: int(installation.manage("shell", "-v", "0", "-c", READ)) == 40, "The read mark at message 40"
    )


def test_a_draft_that_was_saved_while_the_page_was_being_loaded_is_in_the_box(petra):
    text = "Saved in the meantime"
    with petra.expect_response("**/drafts/"):
        box(petra).fill(text)
    wait_for_saved_drafts(petra)
    petra.add_init_script(EMPTY_THE_BOX)
    petra.reload()
    expect(box(petra)).to_have_value(text)
    box(petra).fill("")
    wait_for_saved_drafts(petra)
