"""The storage of a browser, and requests to our server."""

import uuid

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


@pytest.mark.parametrize("kind", ["missing", "broken", "full"])
def test_storage_that_does_not_work_keeps_values_until_the_page_is_left(run, kind):
    found = run(
        "storage",
        """const open = { missing, broken, full }[argument], storage = new SafeStorage(open);
        storage.remove("a");
        const keys = () => storage.keys((key) => key === "a");
        const nothing = [storage.read("a"), keys()];
        const written = [storage.write("a", { n: 1 }), storage.read("a"), keys()];
        const onTheNextPage = new SafeStorage(open).read("a");
        storage.remove("a");
        return [nothing, written, onTheNextPage, storage.read("a"), keys()];""",
        kind,
    )
    assert found == [[None, []], [False, {"n": 1}, ["a"]], None, None, []]


def test_storage_that_fills_up_leaves_no_older_value_behind(run):
    found = run(
        "storage",
        """const one = area(), storage = new SafeStorage(() => one);
        let isFull = false;
        const { getItem, removeItem } = one;
        const setItem = (...pair) => (isFull ? full() : one).setItem(...pair);
        const filling = { getItem, removeItem, setItem };
        storage.openArea = () => filling;
        storage.write("a", "old");
        isFull = true;
        const isStored = storage.write("a", "new");
        const read = [storage.read("a"), new SafeStorage(() => one).read("a")];
        isFull = false;
        return [isStored, read, storage.write("a", "newer"), new SafeStorage(() => one).read("a")];""",
    )
    assert found == [False, ["new", None], True, "newer"]


def test_storage_that_is_cleared_meanwhile_takes_the_next_value(run):
    found = run(
        "storage",
        """deviceStorage.write("a", 1);
        localStorage.clear();
        return [deviceStorage.read("a"), deviceStorage.write("a", 2), deviceStorage.read("a")];""",
    )
    assert found == [None, True, 2]


def test_an_id_is_a_uuid_of_version_4_and_another_each_time(run):
    one, other = run("ids", "return [newId(), newId()];")
    assert uuid.UUID(one).version == uuid.UUID(other).version == 4
    assert str(uuid.UUID(one)) == one != other


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


def test_a_request_that_reaches_nobody_is_null_and_one_without_an_answer_in_time_an_error(page, run):
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
    assert page.evaluate("Promise.all([slow, dead]).then(([one, other]) => [one.type, other])") == [
        "error",
        None,
    ]


def test_a_lost_token_is_fetched_before_something_is_changed(run):
    asked = run(
        "http",
        """const asked = [];
        globalThis.fetch = async (url, settings = {}) => {
            asked.push([settings.method ?? "GET", settings.headers?.["X-CSRFToken"]]);
            document.cookie = "csrftoken=fresh";
            return answer({});
        };
        await request("/a/", { method: "POST", form: {} });
        await request("/b/", { method: "POST", form: {} });
        return asked;""",
    )
    assert asked == [["GET", None], ["POST", "fresh"], ["POST", "fresh"]]


def test_a_request_names_the_reader_the_page_was_made_for(run):
    asked = run(
        "http",
        FETCH
        + """document.cookie = "csrftoken=first";
        await request("/a/");
        document.documentElement.dataset.writer = "key";
        await request("/b/");
        delete document.documentElement.dataset.writer;
        return asked.map(seen);""",
    )
    assert [each["headers"].get("X-Writer") for each in asked] == [None, "key"]


def test_an_answer_that_is_no_json_is_null_and_a_redirect_means_signed_out(run):
    found = run(
        "http",
        """const redirect = { type: "opaqueredirect" };
        const signedOut = [redirect, answer({}), null].map(isSignedOut);
        return [await readJson(new Response("<p>")), ...signedOut];""",
    )
    assert found == [None, True, False, False]
