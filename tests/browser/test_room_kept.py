"""Nothing that was typed in the room is lost, and no press of a button costs the page: without a line, in two
tabs, on two devices."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_room import ROOM, box, deed, message, say
from tests.browser.test_room_whole import READ_TO, enter, laid, petra, signed_in, site, tamara
from tests.browser.waits import load_with_clock, pass_time, round_trip, wait_for_saved_drafts
from tests.waiting import wait_until

__all__ = ["enter", "laid", "petra", "signed_in", "site", "tamara"]
DEAD_LINE = """() => addEventListener("live:send", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
}, true)"""
READ = """
from messaging.chat.models import RoomMember

print(RoomMember.objects.get(user__name="Petra Participant").read_number)
"""
NO_LINE = """() => addEventListener("live:send", (event) => event.stopImmediatePropagation(), true)"""
MORE_THAN_IS_TAKEN = "far too long " * 400


def come_back_into_view(page):
    """Let the page ask the account for a draft, as when its tab comes to the front, and get the answer."""
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


def test_taking_back_without_a_line_keeps_the_page_and_says_that_it_did_not_happen(petra, tamara):
    say(petra, "Not to be lost from sight")
    message(tamara, "Not to be lost from sight").wait_for()
    petra.evaluate(NO_LINE)
    petra.context.set_offline(True)
    deed(message(petra, "Not to be lost from sight"), "button", "Take back").click()
    petra.get_by_text("That did not get through").wait_for()
    assert petra.url.endswith(ROOM)
    petra.context.set_offline(False)
    deed(message(petra, "Not to be lost from sight"), "button", "Take back").click()
    tamara.get_by_text("Petra Participant took this back.").first.wait_for()
    assert petra.url.endswith(ROOM)


def test_earlier_messages_that_cannot_be_had_cost_nothing(petra):
    petra.context.set_offline(True)
    petra.get_by_role("link", name="Earlier messages").click()
    petra.get_by_text("That did not get through").wait_for()
    petra.context.set_offline(False)
    petra.get_by_role("link", name="Earlier messages").click()
    message(petra, "What Petra said first").wait_for(state="attached")


def test_what_is_taken_back_into_the_box_stands_before_what_was_begun_there(petra):
    say(petra, MORE_THAN_IS_TAKEN)
    again = petra.get_by_role("button", name="Take it back into the box")
    again.wait_for()
    box(petra).fill("Begun since")
    again.click()
    expect(box(petra)).to_have_value(f"{MORE_THAN_IS_TAKEN.strip()}\n\nBegun since")
    expect(box(petra)).to_be_focused()
    box(petra).fill("")


def test_a_question_that_cannot_be_asked_now_stays_where_it_was_written(petra):
    box(petra).fill("How do I ask without a line?")
    box(petra).press("Enter")
    petra.context.set_offline(True)
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.get_by_text("That did not get through").wait_for()
    assert box(petra).input_value() == "How do I ask without a line?"
    petra.context.set_offline(False)
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.wait_for_url("**/questions/new/")
    assert petra.get_by_label("Your question").input_value() == "How do I ask without a line?"


def test_one_who_sends_by_the_button_goes_on_writing(petra):
    box(petra).fill("By the button")
    petra.get_by_role("button", name="Send", exact=True).click()
    message(petra, "By the button").wait_for()
    expect(box(petra)).to_be_focused()


def test_what_two_tabs_write_does_not_take_each_others_place(petra, second_tab):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Of the first tab")
    load_with_clock(second_tab, ROOM)
    with second_tab.expect_response("**/drafts/"):
        box(second_tab).fill("And the second")
    come_back_into_view(petra)
    box(petra).press("Enter")
    message(second_tab, "Of the first tab").wait_for()
    pass_time(second_tab, 4)
    assert box(second_tab).input_value() == "And the second"
    second_tab.reload()
    assert box(second_tab).input_value() == "And the second"
    say(second_tab, "And the second")
    message(petra, "And the second").wait_for()


def test_what_was_sent_on_another_device_does_not_stay_in_the_box(petra, enter):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Begun on the phone")
    laptop = enter("petra.participant")
    say(laptop, "Begun on the phone, sent from the laptop")
    message(petra, "sent from the laptop").wait_for()
    expect(box(petra)).to_have_value("")


def test_who_takes_a_message_down_is_told_so_by_its_button_from_the_first_moment(petra, tamara):
    say(petra, "For the trainer to judge")
    deed(message(tamara, "For the trainer to judge"), "button", "Take down").wait_for()
    deed(message(petra, "For the trainer to judge"), "button", "Take back").wait_for()


def test_what_is_typed_after_change_goes_into_the_box(petra):
    load_with_clock(petra, ROOM)
    say(petra, "A word to change")
    message(petra, "A word to change").wait_for()
    deed(message(petra, "A word to change"), "link", "Change").click()
    petra.keyboard.press("End")
    petra.keyboard.type(" remarkably")
    expect(box(petra)).to_have_value("A word to change remarkably")
    petra.keyboard.press("Escape")
    message(petra, "A word to change").focus()
    petra.keyboard.press("e")
    petra.keyboard.press("End")
    petra.keyboard.type(" just so")
    pass_time(petra, 4)
    expect(box(petra)).to_have_value("A word to change just so")
    petra.keyboard.press("Enter")
    message(petra, "A word to change just so").get_by_text("changed").wait_for()


def test_a_question_asked_by_who_is_signed_out_meanwhile_stays_where_it_was_written(enter):
    petra = enter("petra.participant")
    box(petra).fill("Who am I now?")
    box(petra).press("Enter")
    petra.context.clear_cookies()
    petra.get_by_role("button", name="Ask it as a question").click()
    petra.get_by_text("You are signed out").wait_for()
    assert box(petra).input_value() == "Who am I now?"


def test_a_few_letters_from_elsewhere_do_not_take_the_place_of_more(petra, second_tab):
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Of all that I tried this week")
    with second_tab.expect_response("**/drafts/"):
        box(second_tab).fill("Of")
    come_back_into_view(petra)
    assert box(petra).input_value() == "Of all that I tried this week"


def test_what_is_pressed_while_the_line_is_dead_without_saying_so_goes_another_way(petra, tamara):
    say(petra, "Taken back over a dead line")
    message(tamara, "Taken back over a dead line").wait_for()
    petra.evaluate(DEAD_LINE)
    deed(message(petra, "Taken back over a dead line"), "button", "Take back").click()
    message(tamara, "Taken back over a dead line").wait_for(state="detached")


def test_who_is_led_to_a_message_has_not_read_what_stands_below_it(laid, enter):
    laid.manage("shell", "-c", READ_TO.format(30))
    petra = enter(
        "petra.participant", path=f"{ROOM}?at=40#message-40", viewport={"width": 375, "height": 600}
    )
    message(petra, "Message 39").wait_for()
    wait_until(lambda: int(laid.manage("shell", "-v", "0", "-c", READ)) == 40, "The read mark at message 40")
