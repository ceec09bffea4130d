"""Uploads: in pieces, going on where they were, or saying why not. The server is faked."""

import pytest

SERVER = """const log = [], stored = new Map();
const begun = (offset) => new Response(null, { status: 201,
    headers: { "Location": "/files/uploads/1/", "Upload-Offset": offset } });
const done = (size) => ({ id: 1, key: "k", content_type: "text/plain", size });
const empty = (status, offset) => new Response(null, { status, headers: { "Upload-Offset": offset } });
const server = (breaks = () => null) => async (url, { method, json, bytes, headers: sent }) => {
    log.push(method === "PATCH" ? `PATCH ${sent["Upload-Offset"]} ${bytes.byteLength}` : method);
    const broken = breaks({ method, url, json, bytes }, log.length);
    if (broken !== null) return broken;
    if (method === "POST") {
        stored.set(json.client_id, stored.get(json.client_id) ?? { at: 0, size: json.size });
        server.upload = stored.get(json.client_id);
        return begun(server.upload.at);
    }
    if (method === "HEAD") return empty(200, server.upload.at);
    if (method === "DELETE") return empty(204, 0);
    if (Number(sent["Upload-Offset"]) !== server.upload.at) return empty(409, server.upload.at);
    server.upload.at += bytes.byteLength;
    if (server.upload.at === server.upload.size) return Response.json(done(server.upload.size));
    return empty(204, server.upload.at);
};
const until = async (test) => { while (!test()) await settle(); };
const file = (size = 300_000) => new File([new Uint8Array(size)], "plan.txt");
"""


def test_a_file_is_sent_in_pieces_that_grow_and_the_answer_is_returned(run):
    answer, log, seen = run(
        "upload",
        SERVER
        + """const seen = [];
        const onProgress = ({ sent, size }) => seen.push([sent, size]);
        return [await upload(file(), { send: server(), onProgress }), log, seen];""",
    )
    assert answer == {"id": 1, "key": "k", "content_type": "text/plain", "size": 300_000}
    assert log == ["POST", "PATCH 0 131072", "PATCH 131072 168928"]
    assert seen == [[0, 300_000], [131_072, 300_000]]


def test_after_a_broken_connection_it_goes_on_where_the_server_has_it(run):
    answer, log, waited = run(
        "upload",
        SERVER
        + """let waited = 0;
        const breaks = ({ method }, count) => {
            if (count !== 3) return null;
            server.upload.at += 1000;  /* part of the piece arrived */
            return undefined;
        };
        const send = async (...sent) => (await server(breaks)(...sent)) ?? null;
        const onProgress = ({ waiting }) => {
            if (!waiting) return;
            waited += 1;
            settle().then(() => dispatchEvent(new Event("online")));
        };
        return [await upload(file(), { send, onProgress }), log, waited];""",
    )
    assert answer["key"] == "k"
    assert log == [
        "POST",
        "PATCH 0 131072",
        "PATCH 131072 168928",
        "HEAD",
        "PATCH 132072 167928",
    ]
    assert waited == 1


def test_a_refusal_is_the_servers_sentence(run):
    answer = run(
        "upload",
        SERVER
        + """const refuses = () => Response.json({ error: "Programs can’t be added." }, { status: 400 });
        return upload(file(), { send: server(refuses) });""",
    )
    assert answer["error"] == "Programs can’t be added."


@pytest.mark.parametrize(
    ("sent", "reason"),
    [("({ type: 'opaqueredirect', status: 0 })", "signed-out"), ("answer({}, 403)", "failed")],
)
def test_what_no_waiting_mends_says_why(run, sent, reason):
    answer = run("upload", SERVER + f"return upload(file(), {{ send: server(() => {sent}) }});")
    assert answer == {"error": "", "reason": reason}


def test_a_server_that_keeps_failing_ends_it(run):
    answer, posts = run(
        "upload",
        SERVER
        + """const onProgress = () => settle().then(() => dispatchEvent(new Event("online")));
        const send = server(() => answer({}, 503));
        return [await upload(file(), { send, onProgress }), log.length];""",
    )
    assert (answer["reason"], posts) == ("failed", 6)


def test_a_server_that_takes_no_piece_though_it_answers_ends_it_too(run):
    reason = run(
        "upload",
        SERVER
        + """const onProgress = () => settle().then(() => dispatchEvent(new Event("online")));
        const send = server(({ method }) => method === "PATCH" ? answer({}, 500) : null);
        return (await upload(file(), { send, onProgress })).reason;""",
    )
    assert reason == "failed"


def test_a_proxy_that_takes_less_gets_smaller_pieces(run):
    log = run(
        "upload",
        SERVER
        + """const narrow = ({ bytes }) => bytes?.byteLength > 100_000 ? answer({}, 413) : null;
        await upload(file(100_000 * 2), { send: server(narrow) });
        return log;""",
    )
    assert log[:3] == ["POST", "PATCH 0 131072", "PATCH 0 32768"]


def test_an_upload_that_the_server_forgot_begins_again(run):
    answer, log = run(
        "upload",
        SERVER
        + """const forgets = ({ method }, count) => count === 2 ? answer({}, 404) : null;
        return [await upload(file(1000), { send: server(forgets) }), log];""",
    )
    assert answer["key"] == "k"
    assert log == ["POST", "PATCH 0 1000", "POST", "PATCH 0 1000"]


def test_the_same_client_id_continues_what_was_sent_before(run):
    log = run(
        "upload",
        SERVER
        + """stored.set("mine", { at: 5000, size: 9000 });
        await upload(file(9000), { send: server(), clientId: "mine" });
        return log;""",
    )
    assert log == ["POST", "PATCH 5000 4000"]


def test_a_picture_whose_sizes_are_still_made_is_asked_for_again(run):
    answer, log = run(
        "upload",
        SERVER
        + """const busy = ({ method }, count) => count === 2 ? (server.upload.at = 1000,
            Response.json({ error: "Many pictures are coming in.", again: true })) : null;
        const online = () => dispatchEvent(new Event("online"));
        const onProgress = ({ waiting }) => waiting && settle().then(online);
        const send = server(busy);
        return [await upload(file(1000), { send, onProgress }), log];""",
    )
    assert answer["key"] == "k"
    assert log == ["POST", "PATCH 0 1000", "HEAD", "PATCH 1000 0"]


def test_a_file_that_arrived_before_is_not_sent_again(run):
    answer, log = run(
        "upload",
        SERVER
        + """return [await upload(file(1000), { send: server(() => Response.json(done(9))) }), log];""",
    )
    assert answer["size"] == 9
    assert log == ["POST"]


def test_a_file_of_a_draft_is_recalled_by_its_key(run):
    found = run(
        "upload",
        SERVER
        + """const known = async (url) => url.endsWith("/k/") ? Response.json(done(9)) : answer({}, 404);
        const found = await recall("k", known);
        return [found.key, await recall("gone", known), await recall("k", () => null) === undefined];""",
    )
    assert found == ["k", None, True]


def test_a_file_that_is_gone_from_the_device_says_so(run):
    answer = run(
        "upload",
        SERVER
        + """const gone = { name: "a.txt", size: 5, slice: () => ({
            arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) }) };
        return upload(gone, { send: server() });""",
    )
    assert answer == {"error": "", "reason": "unreadable"}


def test_two_are_sent_at_a_time_and_a_cancelled_one_gives_its_turn_away(run):
    begun, names, log = run(
        "upload",
        SERVER
        + """const names = [], gates = {};
        const send = (url, { method, json }) => {
            log.push(method);
            if (method !== "POST") return Promise.resolve(empty(204, 0));
            names.push(json.name);
            return new Promise((open) => { gates[json.name] = open; });
        };
        const controllers = {}, ended = [];
        for (const name of ["a", "b", "c", "d"]) {
            controllers[name] = new AbortController();
            upload(new File(["x"], name), { send, signal: controllers[name].signal })
                .then(() => ended.push(name), (error) => ended.push(`${name} ${error.name}`));
        }
        await until(() => names.length === 2);
        const first = [...names];
        controllers.c.abort();
        await until(() => ended.length === 1);
        controllers.a.abort();
        gates.a(begun(0));
        gates.b(Response.json(done(1)));
        await until(() => gates.d);
        gates.d(Response.json(done(1)));
        await until(() => ended.length === 4);
        return [[first, names], ended, log];""",
    )
    assert begun == [["a", "b"], ["a", "b", "d"]]
    assert sorted(names) == ["a AbortError", "b", "c AbortError", "d"]
    assert "DELETE" not in log  # the server never said where
