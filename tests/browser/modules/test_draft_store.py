"""Drafts: on the device at once, on the account when it answers."""

import pytest

DRAFT = """const kept = area(), asked = [];
const at = { key: "draft me /ask/", url: "/drafts/", place: "/ask/", title: "Question" };
const store = (send, open = () => kept) => new DraftStore({ ...at, storage: new SafeStorage(open),
    send: async (url, settings = {}) => {
        asked.push([settings.method ?? "GET", url, settings.json]);
        return send(url, settings);
    } });
"""


def test_a_draft_is_on_the_device_at_once_and_synced_when_the_account_has_it(run):
    before, result, after, asked = run(
        "draft_store storage",
        DRAFT
        + """const drafts = store(() => answer({}));
        drafts.writeLocal({ text: "Half" });
        const before = drafts.local.synced;
        return [before, await drafts.save({ text: "Half" }), drafts.local, asked];""",
    )
    assert (before, result) == (False, "saved")
    assert (after["fields"], after["synced"]) == ({"text": "Half"}, True)
    draft = {"place": "/ask/", "title": "Question", "fields": {"text": "Half"}}
    assert asked == [["POST", "/drafts/", draft]]


def test_what_is_typed_while_saving_stays_unsynced(run):
    local = run(
        "draft_store storage",
        DRAFT
        + """const drafts = store(() => {
            drafts.writeLocal({ text: "Half a thought" });
            return answer({});
        });
        drafts.writeLocal({ text: "Half" });
        await drafts.save({ text: "Half" });
        return drafts.local;""",
    )
    assert (local["fields"], local["synced"]) == ({"text": "Half a thought"}, False)


@pytest.mark.parametrize(
    ("sent", "result"),
    [
        ("null", "unreachable"),
        ("({ type: 'opaqueredirect', status: 0 })", "signed-out"),
        ("Response.error()", "refused"),
        ("answer({}, 400)", "refused"),
        ("answer({}, 403)", "refused"),
        ("answer({}, 413)", "refused"),
        ("answer({}, 503)", "refused"),
    ],
)
def test_a_draft_that_was_not_saved_says_why_and_stays_on_the_device(run, sent, result):
    found = run(
        "draft_store storage",
        DRAFT
        + f"""const drafts = store(() => {sent});
        drafts.writeLocal({{ text: "Half" }});
        return [await drafts.save({{ text: "Half" }}), drafts.local.synced, drafts.local.fields.text];""",
    )
    assert found == [result, False, "Half"]


@pytest.mark.parametrize("area", ["missing", "broken", "full"])
def test_without_storage_a_draft_reaches_the_account_and_says_that_it_is_not_on_the_device(run, area):
    found = run(
        "draft_store storage",
        DRAFT
        + f"""const drafts = store(() => answer({{}}), {area});
        const onDevice = drafts.writeLocal({{ text: "Half" }});
        return [onDevice, await drafts.save({{ text: "Half" }}), drafts.local.synced];""",
    )
    assert found == [False, "saved", True]


def test_a_draft_that_is_removed_while_it_is_saved_does_not_come_back(run):
    found = run(
        "draft_store storage",
        DRAFT
        + """const drafts = store(() => {
            drafts.removeLocal();
            return answer({});
        });
        drafts.writeLocal({ text: "Half" });
        return [await drafts.save({ text: "Half" }), drafts.local];""",
    )
    assert found == ["saved", None]


def test_only_the_draft_of_the_form_that_was_accepted_is_removed(run):
    found = run(
        "draft_store storage",
        """const one = area(), kept = new SafeStorage(() => one);
        kept.write("draft me /a/", { fields: { text: "sent" }, sent: "1" });
        kept.write("draft me /b/", { fields: { text: "not yet" }, sent: "2" });
        kept.write("draft me /c/", { fields: { text: "being written" } });
        removeSentDrafts(kept);
        const before = kept.keys(() => true).length;
        document.cookie = "sent=1";
        removeSentDrafts(kept);
        return [before, kept.keys(() => true)];""",
    )
    assert found == [3, ["draft me /b/", "draft me /c/"]]


def test_an_empty_draft_that_the_account_knows_of_is_removed(run):
    found = run(
        "draft_store storage",
        DRAFT
        + """const drafts = store(() => answer({}));
        drafts.writeLocal({});
        const waiting = drafts.local.synced;
        await drafts.save({});
        return [waiting, drafts.local];""",
    )
    assert found == [False, None]


def test_a_draft_is_loaded_and_discarded_by_its_place(run):
    found = run(
        "draft_store storage",
        DRAFT
        + """const found = { fields: { a: "1" }, saved_at: "2026" };
        const drafts = store((url, { method }) => method ? answer({}, 204) : answer(found));
        drafts.writeLocal({ a: "2" });
        const loaded = await drafts.load();
        await drafts.discard();
        const dead = await store(() => null).load();
        return [loaded, drafts.local, dead, asked.map(([method, url]) => `${method} ${url}`)];""",
    )
    assert found[:3] == [{"fields": {"a": "1"}, "at": "2026"}, None, None]
    assert found[3][:2] == ["GET /drafts/?place=%2Fask%2F", "DELETE /drafts/?place=%2Fask%2F"]


def test_fields_are_compared_whatever_their_order(run):
    pairs = [[{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1}, {"a": 2}], [None, {}]]
    script = "return argument.map(([one, other]) => sameFields(one, other));"
    assert run("draft_store", script, pairs) == [True, False, True]
