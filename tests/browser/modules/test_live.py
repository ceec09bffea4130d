"""What the connection to the server knows: positions, delays, polling, and who is there."""

import pytest


def test_entries_are_new_once_and_a_skipped_number_is_missing(run):
    found = run(
        "stream_positions",
        """const streams = new StreamPositions(), take = (...numbers) => {
            const { fresh, missingAfter } = streams.receive("room:1", numbers.map((n) => ({ n })));
            return [fresh.map(({ n }) => n), missingAfter ?? null, streams.get("room:1") ?? null];
        };
        const unknown = take(5);
        streams.follow("room:1", 4);
        streams.follow("room:1", 6);
        return [unknown, take(5, 6), take(5, 6), take(8), take(7, 8), take(8, 9)];""",
    )
    assert found == [
        [[], None, None],
        [[5, 6], None, 6],
        [[], None, 6],
        [[], 6, 6],
        [[7, 8], None, 8],
        [[9], None, 9],
    ]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ({"code": 1006, "failures": 0}, {"failures": 1, "polling": False, "delayMs": 1250}),
        ({"code": 1006, "failures": 1}, {"failures": 2, "polling": False, "delayMs": 2250}),
        ({"code": 1006, "failures": 2}, {"failures": 3, "polling": True, "delayMs": 30_000}),
        ({"code": 4009, "failures": 0}, {"failures": 3, "polling": True, "delayMs": 30_000}),
        ({"code": 4008, "failures": 0}, {"failures": 1, "polling": False, "delayMs": 30_000}),
        ({"code": 4014, "failures": 0}, {"failures": 1, "polling": False, "delayMs": 30_000}),
        (
            {"code": 4012, "failures": 2, "moveWithinSeconds": 10},
            {"failures": 0, "polling": False, "delayMs": 5000},
        ),
        ({"code": 4012, "failures": 0}, {"failures": 0, "polling": False, "delayMs": 1500}),
    ],
)
def test_a_lost_connection_is_tried_again_later_each_time_and_then_polled_for(run, closed, expected):
    assert run("reconnect", "return nextAttempt(argument, () => 0.5);", closed) == expected


def test_polling_asks_every_few_seconds_until_it_is_stopped(page, run):
    run(
        "polling",
        """globalThis.heard = [];
        const frames = [{ t: "entries" }];
        const streams = new Map([["room:1", 4], ["person:2", 0]]);
        const answers = [answer({ frames }), null, { type: "opaqueredirect" }];
        globalThis.polling = new Polling({ url: "/live/poll/", streams,
            received: (frames) => heard.push(frames.length), failed: () => heard.push("failed"),
            signedOut: () => heard.push("signed out"),
            send: async (url) => {
                heard.push(url);
                return answers.shift();
            } });
        polling.start();
        await settle();""",
    )
    url = "/live/poll/?s=room:1,4&s=person:2,0"
    page.clock.run_for(5000)
    page.clock.run_for(5000)
    page.evaluate("polling.stop()")
    page.clock.run_for(20_000)
    assert page.evaluate("[...heard]") == [url, 1, url, "failed", url, "signed out"]


def test_who_falls_silent_is_forgotten_and_who_wrote_is_not_typing(run):
    found = run(
        "presence",
        """const people = new PresenceList(), now = (at) => [people.present(at), people.typing(at)];
        people.seen({ id: 1, name: "Petra" }, false, 0);
        people.seen({ id: 2, name: "Tamara" }, true, 1000);
        const both = now(2000);
        people.stopTyping(2);
        const silent = now(2000);
        people.seen({ id: 2, name: "Tamara" }, true, 30_000);
        const later = now(36_000), last = now(46_000);
        return [both, silent, later, last, people.leave(2), people.leave(2)];""",
    )
    assert found == [
        [["Petra", "Tamara"], ["Tamara"]],
        [["Petra", "Tamara"], []],
        [["Petra", "Tamara"], []],
        [["Tamara"], []],
        True,
        False,
    ]
