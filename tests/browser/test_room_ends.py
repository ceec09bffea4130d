"""What a room does when something ends: a place in it, a line, its log, the space on a phone's screen."""

from playwright.sync_api import expect

from tests.browser.test_room import REMOVE, ROOM, both, box, deed, message, say
from tests.browser.waits import load_with_clock, pass_time, round_trip, wait_for_saved_drafts
from tests.site import Site
from tests.waiting import wait_until

NO_LINE = """() => addEventListener("live:send", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
}, true)"""
ON_THE_DEVICE = "Object.keys(localStorage).filter((name) => name.startsWith('draft '))"
HEAR = "(frame) => document.querySelector('live-connection').receive(frame)"
IS_OPEN = "document.querySelector('live-connection').state === 'open'"
GAP = """() => {
    const link = document.querySelector("live-connection");
    const [stream, last] = [...link.streams].find(([name]) => name.startsWith("room:"));
    const send = link.send;
    window.said = [];
    link.send = (words) => Boolean(words.t === "follow" ? window.said.push(words) : send.call(link, words));
    for (const n of [last + 3, last + 4]) link.receive({ t: "entries", s: stream, e: [{ n, k: "leave" }] });
    return [window.said, link.streams.get(stream) - last];
}"""
TWO_GAPS = """() => {
    const link = document.querySelector("live-connection");
    const [stream, last] = [...link.streams].find(([name]) => name.startsWith("room:"));
    const asked = [];
    link.send = ({ t, after }) => Boolean(asked.push([t, after]));
    const entries = (numbers) => numbers.map((n) => ({ n, k: "leave" }));
    const hear = (...numbers) => link.receive({ t: "entries", s: stream, e: entries(numbers) });
    hear(last + 3);
    hear(last + 1, last + 2, last + 3, last + 4);
    hear(last + 7);
    hear(last + 8);
    return asked;
}"""
END = """() => {
    const bar = document.querySelector(".bar").getBoundingClientRect();
    const room = document.querySelector(".room").getBoundingClientRect();
    return { free: bar.top - room.bottom, over: document.documentElement.scrollHeight - innerHeight };
}"""
MORE_ABOVE = """() => {
    const lines = document.createElement("p");
    lines.textContent = "A name as long as names of courses are in some of our languages. ".repeat(4);
    document.querySelector(".page--room").prepend(lines);
}"""


def test_who_is_removed_may_copy_what_was_not_sent_and_leaves_none_of_it_on_the_device(site: Site, someone):
    petra, _tamara = both(site, someone)
    load_with_clock(petra, ROOM)
    petra.evaluate(NO_LINE)
    say(petra, "On its way")
    box(petra).fill("Half a thought")
    assert len(petra.evaluate(ON_THE_DEVICE)) == 2
    site.manage("shell", "-c", REMOVE)
    petra.get_by_text("You are not in this room any more").wait_for()
    expect(petra.get_by_label("This you had not sent yet")).to_have_value("On its way\n\nHalf a thought")
    pass_time(petra, 5)
    assert petra.evaluate(ON_THE_DEVICE) == []


def test_on_other_pages_of_the_space_too_a_lost_place_leaves_nothing_behind(site: Site, someone):
    petra, _tamara = both(site, someone)
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Half a thought")
    petra.goto("/spaces/1/")
    assert len(petra.evaluate(ON_THE_DEVICE)) == 1
    site.manage("shell", "-c", REMOVE)
    petra.get_by_role("link", name="The room").first.wait_for(state="hidden")
    assert petra.evaluate(ON_THE_DEVICE) == []


def test_a_change_of_a_message_goes_on_when_the_page_was_loaded_anew(site: Site, someone):
    petra, _tamara = both(site, someone)
    say(petra, "We did it as a vote")
    message(petra, "We did it as a vote").wait_for()
    deed(message(petra, "We did it as a vote"), "link", "Change").click()
    box(petra).fill("We did it with cards, twice")
    petra.reload()
    expect(box(petra)).to_have_value("We did it with cards, twice")
    expect(petra.get_by_text("You are changing a message.")).to_be_visible()
    assert petra.evaluate("document.activeElement.localName") == "body"
    box(petra).press("Enter")
    message(petra, "We did it with cards, twice").get_by_text("changed").wait_for()
    petra.reload()
    expect(box(petra)).to_have_value("")


def test_a_server_that_always_wants_the_page_anew_gets_it_once(site: Site, someone):
    petra, _tamara = both(site, someone)
    with petra.expect_response("**/drafts/"):
        box(petra).fill("Half a thought")
    wait_for_saved_drafts(petra)
    with petra.expect_event("load"):
        petra.evaluate(HEAR, {"t": "reset", "s": "room:1"})
    expect(box(petra)).to_have_value("Half a thought")
    petra.evaluate("window.same = true")
    petra.evaluate(HEAR, {"t": "reset", "s": "room:1"})
    petra.get_by_text("The line is broken").wait_for()
    round_trip(petra)
    assert petra.evaluate("window.same")
    expect(box(petra)).to_have_value("Half a thought")


def test_what_is_missing_is_asked_for_until_it_comes(site: Site, someone):
    petra, tamara = both(site, someone)
    load_with_clock(petra, ROOM)
    wait_until(lambda: petra.evaluate(IS_OPEN), "The line", petra.content)
    asked, further = petra.evaluate(GAP)
    assert [words["t"] for words in asked] == ["follow"]
    assert further == 0
    # The answer does not come: `said` kept it. The line is given up, and the next one brings what was missed.
    say(tamara, "Said in the gap")
    petra.clock.fast_forward(20_000)
    message(petra, "Said in the gap").wait_for()


def test_a_second_gap_right_after_the_first_is_asked_for_too(site: Site, someone):
    petra, _tamara = both(site, someone)
    wait_until(lambda: petra.evaluate(IS_OPEN), "The line", petra.content)
    asked = petra.evaluate(TWO_GAPS)
    assert [after for _word, after in asked] == [asked[0][1], asked[0][1] + 4]


def test_on_a_phone_nothing_lies_beneath_the_bar(site: Site, someone):
    petra, _tamara = both(site, someone)
    for change in ("() => null", MORE_ABOVE, "() => document.querySelector('.composer').remove()"):
        petra.evaluate(change)
        for height in (667, 812, 390):
            petra.set_viewport_size({"width": 375, "height": height})
            end = petra.evaluate(END)
            assert -1 < end["free"] < 2
            assert end["over"] <= 0
