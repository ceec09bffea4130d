"""The room with browsers: two who talk, a line that breaks, a question, and somebody who is removed."""

from tests.browser.waits import drain_socket
from tests.site import Site

LAY = """
import uuid
from tests.cast import create_cast
from messaging.chat.actions import post_message

cast = create_cast()
room, author = cast.space.room, cast.another_participant
for one in (cast.participant, cast.trainer):
    one.set_password("long-enough-for-us")
    one.save()
for number in range(60):
    post_message(room=room, author=author, text=f"Message {number + 1}", client_id=uuid.uuid4())
"""
ROOM = "/spaces/1/room/"
REMOVE = """
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


def both(site, someone):
    site.manage("shell", "-c", LAY)
    petra = sign_in(someone(viewport={"width": 375, "height": 800}), "petra.participant")
    tamara = sign_in(someone(), "tamara.trainer")
    for page in (petra, tamara):
        page.goto(ROOM)
        page.get_by_text("Message 60").wait_for()
    return petra, tamara


def box(page):
    return page.get_by_label("Write to the room")


def say(page, text):
    box(page).fill(text)
    box(page).press("Enter")


def message(page, text):
    return page.locator("room-message", has_text=text)


def deed(said, role, name):
    """What can be done with a message shows where the pointer is."""
    said.hover()
    return said.get_by_role(role, name=name)


def test_two_talk_mend_and_take_back_without_reloading(site: Site, someone):
    petra, tamara = both(site, someone)
    tamara.get_by_text("Here now: Petra Participant").wait_for()
    box(petra).press_sequentially("We did")
    tamara.get_by_text("Petra Participant is writing").wait_for()
    say(petra, "We did it as a vote: https://school.test/vote")
    message(tamara, "We did it as a vote").get_by_role("link", name="https://school.test/vote").wait_for()
    assert petra.locator(".pending").count() == 0
    assert box(petra).input_value() == ""

    say(tamara, "And then?")
    message(petra, "And then?").get_by_text("trainer", exact=True).wait_for()

    mine = message(petra, "We did it as a vote")
    deed(mine, "link", "Change").click()
    assert box(petra).input_value().startswith("We did it as a vote")
    say(petra, "We did it with cards")
    message(tamara, "We did it with cards").get_by_text("changed").wait_for()
    assert tamara.get_by_text("We did it as a vote").count() == 0

    deed(message(petra, "We did it with cards"), "button", "Take back").click()
    tamara.get_by_text("Petra Participant took this back.").wait_for()
    assert "with cards" not in tamara.content()
    petra.get_by_role("button", name="Put it back").click()
    message(tamara, "We did it with cards").wait_for()


def test_who_reads_further_up_is_not_moved_and_told_of_what_is_below(site: Site, someone):
    petra, tamara = both(site, someone)
    scroller = tamara.locator(".room__scroll")
    scroller.evaluate("one => (one.scrollTop = -900)")
    place = message(tamara, "Message 40").bounding_box()["y"]
    say(petra, "Something new")
    tamara.get_by_role("button", name="New below: 1").wait_for()
    assert abs(message(tamara, "Message 40").bounding_box()["y"] - place) < 2
    tamara.get_by_role("button", name="New below: 1").click()
    assert scroller.evaluate("one => one.scrollTop") == 0
    tamara.get_by_role("button", name="New below: 1").wait_for(state="hidden")

    assert tamara.locator("room-message").first.get_attribute("data-n") == "11"
    tamara.get_by_role("link", name="Earlier messages").click()
    tamara.get_by_text("Message 1", exact=True).wait_for(state="attached")
    numbers = tamara.locator("room-message").evaluate_all("all => all.map((one) => Number(one.dataset.n))")
    assert numbers == list(range(1, 62))


def test_what_is_written_on_a_dead_line_waits_and_goes_once(site: Site, someone):
    petra, tamara = both(site, someone)
    petra.context.set_offline(True)
    site.stop()
    say(petra, "Said into the void")
    petra.locator(".pending", has_text="Said into the void").get_by_text("We try again").wait_for()
    petra.get_by_text("The line is broken").wait_for()
    site.start()
    petra.context.set_offline(False)
    message(petra, "Said into the void").wait_for()
    message(tamara, "Said into the void").wait_for()
    assert message(tamara, "Said into the void").count() == 1
    assert petra.locator(".pending").count() == 0
    assert petra.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox')).length") == 0


def test_what_waited_on_the_device_goes_in_the_order_in_which_it_was_written(site: Site, someone):
    petra, _tamara = both(site, someone)
    store = petra.locator("room-outbox").get_attribute("data-store")
    petra.evaluate(
        """(store) => ["First", "Second", "Third", "Fourth"].forEach((word, at) => {
            const cid = `${9 - at}0000000-1000-4000-8000-100000000000`;
            const kept = { t: "send", text: `${word} word`, cid, at: at + 1 };
            localStorage.setItem(store + cid, JSON.stringify(kept));
        })""",
        store,
    )
    petra.reload()
    message(petra, "Fourth word").wait_for()
    petra.locator(".pending").first.wait_for(state="detached")
    said = petra.locator("room-message .message__text", has_text=" word").all_inner_texts()
    assert said == ["First word", "Second word", "Third word", "Fourth word"]


def test_a_draft_stays_on_the_device_and_a_question_is_offered_as_one(site: Site, someone):
    petra, _tamara = both(site, someone)
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


def test_who_is_removed_sees_nothing_more_on_the_open_page(site: Site, someone):
    petra, tamara = both(site, someone)
    site.manage("shell", "-c", REMOVE)
    petra.get_by_text("You are not in this room any more").wait_for()
    assert box(petra).count() == 0
    say(tamara, "Among ourselves")
    message(tamara, "Among ourselves").wait_for()
    drain_socket(petra)
    assert "Among ourselves" not in petra.content()
    assert "Message 60" not in petra.content()


def test_the_room_opens_beside_the_page_on_a_wide_screen_and_counts_while_folded(site: Site, someone):
    petra, tamara = both(site, someone)
    tamara.goto("/spaces/1/")
    tamara.get_by_role("link", name="The room").wait_for()
    say(petra, "Is anybody there")
    tamara.get_by_role("link", name="The room 1 new").wait_for()
    tamara.get_by_role("link", name="The room").click()
    message(tamara, "Is anybody there").wait_for()
    say(tamara, "I am")
    message(petra, "I am").wait_for()
    assert tamara.url.endswith("/spaces/1/")
    tamara.get_by_role("button", name="Fold away").click()
    assert tamara.locator("live-room").count() == 0


def test_without_a_script_one_reads_writes_and_takes_back(site: Site, someone):
    site.manage("shell", "-c", LAY)
    page = sign_in(someone(java_script_enabled=False), "petra.participant")
    page.goto(ROOM)
    assert page.get_by_text("Message 60").bounding_box()["y"] < 720
    box(page).fill("By form")
    page.get_by_role("button", name="Send").click()
    message(page, "By form").get_by_role("button", name="Take back").click(force=True)
    page.get_by_text("You took this back.").wait_for()
    page.get_by_role("button", name="Put it back").click()
    message(page, "By form").wait_for()
