"""The files of a form: chosen, dropped, pasted, ordered, removed, and waited for. The server is faked."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import expect

from messaging.files.forms import AttachField
from tests.waiting import PATIENCE_MS, wait_until

FORM = """<!doctype html><html lang="en"><title>Ask</title>
<script type="importmap">{"imports": {"js/site.js": "/static/js/site.js"}}</script>
<link rel="stylesheet" href="/static/css/site.css">
<form class="form" method="post" action="/ask/" enctype="application/x-www-form-urlencoded">
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <label>Text <textarea name="text"></textarea></label>
  %s
  <form-draft role="status" data-key="me" data-place="/ask/" data-title="Question" data-url="/drafts/"
    data-restored="Draft from {time}, restored." data-discard="Discard the draft"
    data-saved="Draft saved, {time}" data-device="On this device." data-box="In this box."
    data-unsent="Not sent." data-unreachable="No connection." data-signed-out="Signed out."
    data-sign-in="Sign in" data-sign-in-url="/sign-in/"></form-draft>
  <button>Send</button>
</form><p id="announcements" role="status"></p>
<script type="module" src="/static/js/site.js"></script>"""
PIXEL = bytes.fromhex(
    "47494638396101000100800000ff000000000021f90400000000002c00000000010001000002024401003b"
)


class Server:
    """Takes uploads in one piece, one draft, and the form."""

    def __init__(self):
        self.names = {}
        self.arrived = {}
        self.sent = []
        self.draft = None
        self.refuses = ""
        self.breaks = False
        self.holds = False
        self.held = []

    def serve(self, route):
        request = route.request
        path = urlsplit(request.url).path
        if path.startswith("/static/"):
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            return route.fulfill(path=finders.find(path.removeprefix("/static/")), content_type=kind)
        if path.startswith("/files/uploads/"):
            return self.serve_upload(route, request, path)
        if path == "/drafts/":
            if request.method == "POST":
                self.draft = request.post_data_json
            fields = self.draft["fields"] if self.draft else {}
            saved_at = "2026-11-21T14:05:00Z" if self.draft else None
            return route.fulfill(json={"fields": fields, "saved_at": saved_at})
        if request.method == "POST":
            self.sent.append(parse_qs(request.post_data))
            return route.fulfill(body="<!doctype html><title>Taken</title>", content_type="text/html")
        return route.fulfill(body=self.page(), content_type="text/html; charset=utf-8")

    def page(self):
        form = SimpleNamespace(attached=[])
        field = SimpleNamespace(
            auto_id="id_files", label="Pictures and files", errors=[], field=AttachField(), form=form
        )
        return FORM % render_to_string("components/_attach.html", {"field": field})

    def serve_upload(self, route, request, path):
        if request.method == "POST":
            if self.refuses:
                return route.fulfill(status=400, json={"error": self.refuses})
            key = f"{len(self.names) + 1:032x}"
            self.names[key] = request.post_data_json["name"]
            return route.fulfill(status=201, headers={"Location": f"{path}{key}/", "Upload-Offset": "0"})
        key = path.split("/")[-2]
        if request.method == "HEAD":
            return route.fulfill(headers={"Upload-Offset": "0"})
        if request.method == "DELETE":
            return route.fulfill(status=204)
        if self.breaks:
            return route.abort()
        if self.holds:
            return self.held.append((route, key))
        return self.arrive(route, key)

    def arrive(self, route, key):
        name = self.names[key]
        picture = name.endswith((".gif", ".png", ".jpg"))
        self.arrived[name] = key
        said = {"id": 1, "key": key, "name": name, "size": 2_500_000, "content_type": "x", "small": ""}
        route.fulfill(json={**said, "is_picture": picture})

    def let_arrive(self):
        self.holds = False
        for route, key in self.held:
            self.arrive(route, key)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def page(chromium, server):
    context = chromium.new_context(base_url="http://aftercourse.test", locale="en")
    context.route("**/*", server.serve)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/ask/")
    page.locator("file-attach[data-ready]").wait_for()
    yield page
    context.close()


def file(name, content=PIXEL):
    return {
        "name": name,
        "mimeType": "image/gif" if name.endswith(".gif") else "text/plain",
        "buffer": content,
    }


def choose(page, *names):
    page.locator("input[name=upload]").set_input_files([file(name) for name in names])


def arrived(page, name):
    row = page.locator(".attach__file[data-state=arrived]").filter(has_text=name)
    row.wait_for()
    return row


def names(page):
    return page.locator(".attach__files .attach__name").all_inner_texts()


def submit(page):
    page.get_by_label("Text").fill("What we made")
    page.get_by_role("button", name="Send", exact=True).click()


def taken(page, server):
    page.wait_for_function("document.title === 'Taken'")
    [form] = server.sent
    return form


def test_chosen_files_are_sent_at_once_and_named_in_the_form_with_what_is_seen(page, server):
    choose(page, "board.gif", "plan.txt")
    described = arrived(page, "board.gif").get_by_label("Describe the picture")
    expect(arrived(page, "plan.txt").get_by_label("Describe the picture")).to_be_hidden()
    described.fill("A board full of sums")
    submit(page)
    form = taken(page, server)
    assert form["files"] == [server.arrived["board.gif"], server.arrived["plan.txt"]]
    assert form[f"alt-{server.arrived['board.gif']}"] == ["A board full of sums"]


def test_files_are_ordered_removed_and_taken_back_by_keyboard_and_it_is_said(page, server):
    choose(page, "a.txt", "b.txt", "c.txt")
    for name in ("a.txt", "b.txt", "c.txt"):
        arrived(page, name)
    page.get_by_role("button", name="Move up: c.txt").press("Enter")
    assert names(page) == ["a.txt", "c.txt", "b.txt"]
    expect(page.locator("#announcements")).to_have_text("c.txt is now 2 of 3.")
    page.keyboard.press("Enter")
    assert names(page) == ["c.txt", "a.txt", "b.txt"]
    page.get_by_role("button", name="Remove: a.txt").press("Enter")
    assert names(page) == ["c.txt", "b.txt"]
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    assert names(page) == ["c.txt", "a.txt", "b.txt"]
    page.get_by_role("button", name="Remove: b.txt").press("Enter")
    submit(page)
    assert taken(page, server)["files"] == [server.arrived["c.txt"], server.arrived["a.txt"]]


def test_a_form_that_is_sent_meanwhile_waits_until_its_files_have_arrived(page, server):
    server.holds = True
    choose(page, "a.txt")
    wait_until(lambda: page.evaluate("1") and server.held, "The upload")
    submit(page)
    page.get_by_text("still on their way").wait_for()
    assert not server.sent
    server.let_arrive()
    assert taken(page, server)["files"] == [server.arrived["a.txt"]]


def test_or_is_sent_without_them(page, server):
    server.holds = True
    choose(page, "a.txt")
    wait_until(lambda: page.evaluate("1") and server.held, "The upload")
    submit(page)
    page.get_by_role("button", name="Send without them").press("Enter")
    assert "files" not in taken(page, server)


def test_a_refused_file_says_why_and_the_form_is_not_sent_without_asking(page, server):
    server.refuses = "Programs can’t be added."
    choose(page, "a.txt")
    page.locator("[data-state=failed]").get_by_text("Programs can’t be added.").wait_for()
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    submit(page)
    page.get_by_text("Not everything could be added.").wait_for()
    assert not server.sent
    page.get_by_role("button", name="Send without them").click()
    assert "files" not in taken(page, server)


def test_after_a_broken_connection_the_upload_goes_on_by_itself(page, server):
    server.breaks = True
    choose(page, "a.txt")
    page.locator("[data-state=waiting]").get_by_text("No connection.").wait_for()
    server.breaks = False
    page.evaluate("dispatchEvent(new Event('online'))")
    arrived(page, "a.txt")


def test_the_draft_names_the_files_and_they_are_there_again_on_another_device(page, server):
    choose(page, "a.gif", "b.txt")
    arrived(page, "b.txt")
    arrived(page, "a.gif").get_by_label("Describe the picture").fill("A dot")
    page.get_by_role("status").filter(has_text="Draft saved").wait_for()
    wait_until(lambda: page.evaluate("1") and "A dot" in str(server.draft), "The draft")
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(arrived(page, "a.gif").get_by_label("Describe the picture")).to_have_value("A dot")
    arrived(page, "b.txt")
    submit(page)
    assert taken(page, server)["files"] == [server.arrived["a.gif"], server.arrived["b.txt"]]


DROP = """([kind, text]) => {
    const files = new DataTransfer();
    files.items.add(new File(["x"], `${kind}.txt`));
    if (text) files.setData("text/plain", text);
    const options = { clipboardData: files, dataTransfer: files, bubbles: true, cancelable: true };
    const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
    document.querySelector("textarea").dispatchEvent(event);
    return event.defaultPrevented;
}"""


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_files_are_taken_from_anywhere_in_the_form(page, kind):
    assert page.evaluate(DROP, [kind, ""])
    arrived(page, f"{kind}.txt")


def test_the_picture_that_a_program_adds_to_copied_text_is_left_alone(page):
    assert not page.evaluate(DROP, ["paste", "A table of marks"])
    assert names(page) == []


def test_no_more_files_are_taken_than_a_post_can_have(page):
    choose(page, *(f"{number}.txt" for number in range(12)))
    page.locator("#announcements").get_by_text("The rest weren’t added").wait_for()
    assert len(names(page)) == 10
