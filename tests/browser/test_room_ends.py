"""The room when a membership ends, a connection breaks, entries are missing or the screen is small."""

from playwright.sync_api import expect

from tests.browser.test_room import DISMISS, ROOM, SETUP, action_link, box, message, post, two_in_the_room
from tests.browser.waits import load_with_clock, pass_time, round_trip, wait_for_saved_drafts
from tests.site import Site
from tests.waiting import wait_until

__all__ = ["SETUP"]

DROP_SENDS = """() => addEventListener("live:send", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
}, true)"""
ON_THE_DEVICE = "Object.keys(localStorage).filter((name) => name.startsWith('draft '))"
RECEIVE_FRAME = "(frame) => document.querySelector('live-connection').receive(frame)"
IS_OPEN = "document.querySelector('live-connection').state === 'open'"
GAP = """() => {
    const link = document.querySelector("live-connection");
    const [stream, last] = [...link.streams].find(([name]) => name.startsWith("room:"));
    const send = link.send;
    const requests = [];
    link.send = (command) =>
        Boolean(command.t === "follow" ? requests.push(command) : send.call(link, command));
    for (const n of [last + 3, last + 4]) link.receive({ t: "entries", s: stream, e: [{ n, k: "leave" }] });
    return [requests, link.streams.get(stream) - last];
}"""
TWO_GAPS = """() => {
    const link = document.querySelector("live-connection");
    const [stream, last] = [...link.streams].find(([name]) => name.startsWith("room:"));
    const requests = [];
    link.send = ({ t, after }) => Boolean(requests.push([t, after]));
    const entries = (numbers) => numbers.map((n) => ({ n, k: "leave" }));
    const receive = (...numbers) => link.receive({ t: "entries", s: stream, e: entries(numbers) });
    receive(last + 3);
    receive(last + 1, last + 2, last + 3, last + 4);
    receive(last + 7);
    receive(last + 8);
    return requests;
}"""
LAYOUT = """() => {
    const bar = document.querySelector(".bar").getBoundingClientRect();
    const room = document.querySelector(".room").getBoundingClientRect();
    return { free: bar.top - room.bottom, over: document.documentElement.scrollHeight - innerHeight };
}"""
MORE_ABOVE = """() => {
    const lines = document.createElement("p");
    lines.textContent = "A name as long as names of courses are in some of our languages. ".repeat(4);
    document.querySelector(".page--room").prepend(lines);
}"""


def test_a_dismissed_member_may_copy_unsent_texts_and_none_stay_on_the_device(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    load_with_clock(petra, ROOM)
    petra.evaluate(DROP_SENDS)
    post(petra, "On its way")
    box(petra).fill("Half a thought")
    assert len(petra.evaluate(ON_THE_DEVICE)) == 2
    site.manage("shell", "-c", DISMISS)
    petra.get_by_text("You’re no longer in this chat").wait_for()
    expect(petra.get_by_label("You hadn’t sent this yet")).to_have_value("On its way\n\nHalf a thought")
    pass_time(petra, 5)
    assert petra.evaluate(ON_THE_DEVICE) == []


def test_on_other_pages_of_the_space_a_dismissal_also_removes_the_drafts(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Half a thought")
    petra.goto("/spaces/1/")
    assert len(petra.evaluate(ON_THE_DEVICE)) == 1
    site.manage("shell", "-c", DISMISS)
    petra.get_by_role("link", name="The chat").first.wait_for(state="hidden")
    assert petra.evaluate(ON_THE_DEVICE) == []


def test_an_edit_of_a_message_is_restored_after_a_reload(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    post(petra, "We did it as a vote")
    message(petra, "We did it as a vote").wait_for()
    action_link(message(petra, "We did it as a vote"), "link", "Edit").click()
    box(petra).fill("We did it with cards, twice")
    petra.reload()
    expect(box(petra)).to_have_value("We did it with cards, twice")
    expect(petra.get_by_text("You’re editing a message.")).to_be_visible()
    assert petra.evaluate("document.activeElement.localName") == "body"
    box(petra).press("Enter")
    message(petra, "We did it with cards, twice").get_by_text("changed").wait_for()
    petra.reload()
    expect(box(petra)).to_have_value("")


def test_a_server_that_always_sends_reset_causes_one_reload(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Half a thought")
    wait_for_saved_drafts(petra)
    with petra.expect_event("load"):
        petra.evaluate(RECEIVE_FRAME, {"t": "reset", "s": "room:1"})
    expect(box(petra)).to_have_value("Half a thought")
    petra.evaluate("window.same = true")
    petra.evaluate(RECEIVE_FRAME, {"t": "reset", "s": "room:1"})
    petra.get_by_text("Connection lost").wait_for()
    round_trip(petra)
    assert petra.evaluate("window.same")
    expect(box(petra)).to_have_value("Half a thought")


def test_missing_entries_are_requested_until_they_arrive(site: Site, someone):
    petra, tamara = two_in_the_room(site, someone)
    load_with_clock(petra, ROOM)
    wait_until(lambda: petra.evaluate(IS_OPEN), "The connection", petra.content)
    requests, advanced = petra.evaluate(GAP)
    assert [command["t"] for command in requests] == ["follow"]
    assert advanced == 0
    # The request was not sent, so the connection times out; the next one delivers the missing entries.
    post(tamara, "Said in the gap")
    petra.clock.fast_forward(20_000)
    message(petra, "Said in the gap").wait_for()


def test_a_second_gap_right_after_the_first_is_requested_too(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    wait_until(lambda: petra.evaluate(IS_OPEN), "The connection", petra.content)
    requests = petra.evaluate(TWO_GAPS)
    assert [after for _command, after in requests] == [requests[0][1], requests[0][1] + 4]


def test_on_a_phone_nothing_is_covered_by_the_bar(site: Site, someone):
    petra, _tamara = two_in_the_room(site, someone)
    for change in ("() => null", MORE_ABOVE, "() => document.querySelector('.composer').remove()"):
        petra.evaluate(change)
        for height in (667, 812, 430):
            petra.set_viewport_size({"width": 375, "height": height})
            layout = petra.evaluate(LAYOUT)
            assert -1 < layout["free"] < 2
            assert layout["over"] <= 0
    # At 400 % zoom the room has the whole window, and the bar comes after it.
    petra.set_viewport_size({"width": 320, "height": 256})
    assert petra.evaluate("document.querySelector('.bar').getBoundingClientRect().top >= innerHeight - 1")
    assert petra.evaluate("getComputedStyle(document.querySelector('.bar')).position") == "relative"
