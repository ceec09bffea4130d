"""The storage of a browser, and requests to our server."""

import pytest


def test_what_is_written_is_read_and_listed(run):
    found = run(
        "storage",
        """const one = area(), storage = new SafeStorage(() => one);
        storage.write("a 1", { text: "ő" }); storage.write("a 2", [2]); storage.write("b", 3);
        storage.remove("a 2");
        return [storage.read("a 1"), storage.read("a 2"), storage.keys((key) => key.startsWith("a "))];""",
    )
    assert found == [{"text": "ő"}, None, ["a 1"]]


@pytest.mark.parametrize("kind", ["broken", "full"])
def test_storage_that_does_not_work_finds_nothing_and_throws_nothing(run, kind):
    found = run(
        "storage",
        """const storage = new SafeStorage(argument === "full" ? full : broken);
        storage.remove("a");
        return [storage.write("a", 1), storage.read("a"), storage.keys((key) => key.startsWith("a"))];""",
        kind,
    )
    assert found == [False, None, []]


def test_what_is_no_json_is_as_if_it_were_not_there(run):
    script = 'localStorage.setItem("a", "{half"); return deviceStorage.read("a");'
    assert run("storage", script) is None


FETCH = """
const asked = [];
globalThis.fetch = async (url, settings) => {
    asked.push([url, settings]);
    return answer({});
};
const seen = ([url, { method, headers, body, redirect, keepalive }]) =>
    ({ url, method, headers, body: body && String(body), redirect, keepalive });
"""


def test_a_request_that_changes_something_carries_the_token_that_the_cookie_has_now(run):
    asked = run(
        "http",
        FETCH
        + """document.cookie = "other=1"; document.cookie = "csrftoken=first";
        await request("/a/", { method: "POST", form: { text: "ő & é" } });
        document.cookie = "csrftoken=second";
        await request("/b/", { method: "POST", json: { n: 1 }, keepalive: true });
        await request("/c/");
        return asked.map(seen);""",
    )
    assert [each["headers"].get("X-CSRFToken") for each in asked] == ["first", "second", None]
    assert asked[0]["body"] == "text=%C5%91+%26+%C3%A9"
    assert asked[1]["body"] == '{"n":1}'
    assert asked[1]["headers"]["Content-Type"] == "application/json"
    assert [each["keepalive"] for each in asked] == [False, True, False]
    assert {each["redirect"] for each in asked} == {"manual"}


def test_a_request_without_an_answer_in_time_is_null(page, run):
    run(
        "http",
        """globalThis.fetch = (url, { signal }) => new Promise((done, fail) => {
            if (url === "/dead/") fail(new TypeError("no network"));
            signal.addEventListener("abort", () => fail(signal.reason));
        });
        globalThis.slow = request("/slow/").then((response) => (globalThis.waited = response));
        globalThis.waited = "still waiting";
        globalThis.dead = request("/dead/");""",
    )
    page.clock.run_for(7900)
    assert page.evaluate("waited") == "still waiting"
    page.clock.run_for(200)
    assert page.evaluate("Promise.all([slow, dead])") == [None, None]


def test_an_answer_that_is_no_json_is_null_and_a_redirect_means_signed_out(run):
    found = run(
        "http",
        """const redirect = { type: "opaqueredirect" };
        const signedOut = [redirect, answer({}), null].map(isSignedOut);
        return [await readJson(new Response("<p>")), ...signedOut];""",
    )
    assert found == [None, True, False, False]
