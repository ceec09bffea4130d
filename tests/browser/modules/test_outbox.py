"""Messages that were sent and are not in the log yet: their order, and when they are tried again."""

OUTBOX = """const kept = area(), sent = [], posted = [], shown = [];
let open = true, reply = null, seen = 0;
const make = () => new Outbox({ prefix: "draft me outbox 1 ", storage: new SafeStorage(() => kept),
    sendLive: (command) => { if (open) sent.push(command); return open; },
    post: async (item) => { posted.push(item.text); return reply; },
    seenNumber: () => seen, changed: ({ text, state }) => shown.push(`${text}: ${state}`),
    removed: ({ text }) => shown.push(`${text}: removed`),
    delivered: (byPost) => shown.push(byPost ? "catch up" : "delivered") });
const box = make();
const texts = () => sent.map(({ text }) => text);
"""


def test_messages_leave_one_at_a_time_in_the_order_in_which_they_were_written(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const items = ["One", "Two", "Three"].map((text) => box.add({ t: "send", text }));
        const first = texts();
        box.acknowledge(items[0].cid, 7);
        box.acknowledge(items[1].cid, 8);
        return [first, texts(), new Set(items.map(({ cid }) => cid)).size];""",
    )
    assert found == [["One"], ["One", "Two", "Three"], 3]


def test_a_message_stays_on_the_device_until_the_log_has_it(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const { cid } = box.add({ t: "send", text: "One" });
        box.acknowledge(cid, 7);
        const acknowledged = Object.keys(kept).length;
        box.arrived(cid);
        return [acknowledged, Object.keys(kept).length, box.items.length, shown.includes("One: removed")];""",
    )
    assert found == [1, 0, 0, True]


def test_an_acknowledged_number_that_the_page_has_received_is_done(run):
    script = """seen = 9;
        box.acknowledge(box.add({ t: "send", text: "One" }).cid, 9);
        return box.items.length;"""
    assert run("outbox storage", OUTBOX + script) == 0


def test_a_busy_server_is_asked_again_later_and_nothing_overtakes(page, run):
    found = run(
        "outbox storage",
        OUTBOX
        + """globalThis.texts = texts; globalThis.box = box;
        const { cid } = box.add({ t: "send", text: "One" });
        globalThis.first = cid;
        box.defer(cid);
        box.add({ t: "send", text: "Two" });
        return texts();""",
    )
    assert found == ["One"]
    delays = []
    for expected in (2000, 5000, 15_000, 30_000, 30_000):
        before = len(page.evaluate("texts()"))
        page.clock.run_for(expected - 1)
        assert len(page.evaluate("texts()")) == before
        page.clock.run_for(1)
        delays.append(len(page.evaluate("texts()")) - before)
        page.evaluate("box.defer(first)")
    assert delays == [1] * 5
    assert set(page.evaluate("texts()")) == {"One"}


def test_without_a_socket_a_message_goes_by_post_and_the_log_is_caught_up(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """open = false; reply = { number: 7 };
        box.add({ t: "send", text: "One" });
        await settle();
        return [posted, shown.at(-1), box.items[0].state];""",
    )
    assert found == [["One"], "catch up", "sent"]


def test_a_socket_that_does_not_acknowledge_is_given_up_for_post(page, run):
    run("outbox storage", OUTBOX + 'globalThis.posted = posted; box.add({ t: "send", text: "One" });')
    page.clock.run_for(7999)
    assert page.evaluate("posted") == []
    page.clock.run_for(1)
    assert page.evaluate("posted") == ["One"]


def test_a_refused_message_waits_for_its_author_and_lets_the_next_one_go(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const one = box.add({ t: "send", text: "One" });
        box.add({ t: "send", text: "Two" });
        box.reject(one.cid, "too long");
        const refused = [texts(), one.state, one.error];
        box.retry(one);
        return [...refused, texts()];""",
    )
    assert found == [["One", "Two"], "unsent", "too long", ["One", "Two", "One"]]


def test_a_new_connection_sends_what_was_on_its_way_again_under_the_same_id(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """box.add({ t: "send", text: "One" });
        box.retryNow();
        return [texts(), sent[0].cid === sent[1].cid];""",
    )
    assert found == [["One", "One"], True]


def test_another_page_takes_up_what_was_left_oldest_first_and_passes_over_what_it_cannot_read(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const keep = (cid, at, text) =>
            kept.setItem(`draft me outbox 1 ${cid}`, JSON.stringify({ t: "send", cid, at, text }));
        keep("b", 1, "First"); keep("a", 2, "Second"); kept.setItem("draft me outbox 1 c", "{half");
        kept.setItem("draft me outbox 11 d", JSON.stringify({ cid: "d", text: "Of another room" }));
        const next = make();
        next.restore();
        next.retryNow();
        next.acknowledge("b", 7);
        return [next.items.map(({ text }) => text), texts()];""",
    )
    assert found == [["First", "Second"], ["First", "Second"]]


def test_with_full_storage_a_message_is_sent_all_the_same(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """box.storage = new SafeStorage(full); box.add({ t: "send", text: "One" }); return texts();""",
    )
    assert found == ["One"]


def test_a_cleared_outbox_gives_back_what_was_not_sent(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const one = box.add({ t: "send", text: "One" }); box.add({ t: "send", text: "Two" });
        box.acknowledge(one.cid, 7);
        return [box.clear(), box.items.length, Object.keys(kept).length];""",
    )
    assert found == [["Two"], 0, 0]


def test_files_are_named_by_their_keys_and_stay_on_the_device_with_the_message(run):
    found = run(
        "outbox storage",
        OUTBOX
        + """const files = [{ key: "k1", name: "1.jpg", alt: "A board" }, { key: "k2", name: "2.pdf" }];
        box.add({ t: "send", text: "", files });
        const again = make();
        again.restore();
        return [sent[0].files, sent[0].alts, again.items[0].files.length];""",
    )
    assert found == [["k1", "k2"], {"k1": "A board"}, 2]
