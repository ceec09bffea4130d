"""Form drafts survive a closed page, a dead connection and an ended session. The server is faked."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.waiting import PATIENCE_MS

SCRIPT = "js/site.js"
FORM = """<!doctype html><html lang="en"><title>Ask</title>
<form class="form" method="post" action="/ask/">
  <input type="hidden" name="csrfmiddlewaretoken" value="old">
  <input type="hidden" name="client_id" value="form-1">
  <label>Title <input name="title" value=""></label>
  <label>Text <textarea name="text"></textarea></label>
  <details><summary>More</summary><label>Change <textarea name="change"></textarea></label></details>
  <label>Without my name <input type="checkbox" name="nameless"></label>
  <label>Secret <input type="password" name="secret"></label>
  <form-draft role="status" data-key="me" data-place="/ask/" data-title="Question" data-url="/drafts/"
    data-restored="Draft from {time}, restored." data-discard="Discard the draft"
    data-saved="Draft saved, {time}"
    data-device="Saved on this device only." data-box="Only in this box."
    data-unsent="Not sent." data-unreachable="No connection."
    data-signed-out="You are signed out." data-sign-in="Sign in elsewhere"
    data-sign-in-url="/sign-in/"></form-draft>
  <button>Send</button>
</form><form method="post" action="/sign-out/"><sign-out hidden></sign-out><button>Sign out</button></form>
<script type="module" src="/js/site.js"></script>"""


class Account:
    """A fake server: stores one draft, accepts the form, and can be made to fail."""

    def __init__(self):
        self.draft = None
        self.accepted = []
        self.answers = True
        self.signed_in = True
        self.draft_status = 200

    def serve(self, route):
        request = route.request
        path = urlsplit(request.url).path
        if path[1:] == SCRIPT:
            return route.fulfill(path=finders.find(SCRIPT), content_type="text/javascript")
        if not self.answers:
            return route.abort()
        if path == "/drafts/":
            return self.serve_draft(route, request)
        if request.method == "POST":
            self.accepted.append({name: values[0] for name, values in parse_qs(request.post_data).items()})
            self.draft = None
            headers = {"Set-Cookie": f"sent={self.accepted[-1].get('client_id')}; path=/"}
            return route.fulfill(
                body="<!doctype html><title>Taken</title>", content_type="text/html", headers=headers
            )
        return route.fulfill(body=FORM, content_type="text/html; charset=utf-8")

    def serve_draft(self, route, request):
        if not self.signed_in:
            return route.fulfill(status=302, headers={"Location": "/sign-in/"})
        if self.draft_status != 200:
            return route.fulfill(status=self.draft_status)
        if request.method == "POST":
            self.draft = json.loads(request.post_data)
            return route.fulfill(json={"saved_at": "2026-11-21T14:05:00Z"})
        if request.method == "DELETE":
            self.draft = None
            return route.fulfill(status=204)
        answer = {"fields": self.draft["fields"], "saved_at": "2026-11-21T14:05:00Z"} if self.draft else {}
        return route.fulfill(json=answer or {"fields": {}, "saved_at": None})


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def page(chromium, account):
    context = chromium.new_context(base_url="http://aftercourse.test")
    context.route("**/*", account.serve)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/ask/")
    yield page
    context.close()


def type_a_question(page):
    page.get_by_label("Title").fill("Exit tickets")
    page.get_by_label("Text").fill("Half of them wrote nothing.")
    page.get_by_label("Without my name").check()
    page.get_by_label("Secret").fill("hunter2")


def wait_for(page, text):
    page.get_by_role("status").filter(has_text=text).wait_for()


def test_fields_are_saved_on_the_account_without_the_password(page, account):
    type_a_question(page)
    wait_for(page, "Draft saved")
    assert account.draft["place"] == "/ask/"
    assert account.draft["fields"] == {
        "title": "Exit tickets",
        "text": "Half of them wrote nothing.",
        "nameless": "on",
    }


def test_a_draft_from_another_device_is_restored_and_can_be_discarded(page, account):
    account.draft = {"fields": {"title": "From the phone", "nameless": "on"}}
    page.reload()
    wait_for(page, "restored.")
    assert page.get_by_label("Title").input_value() == "From the phone"
    assert page.get_by_label("Without my name").is_checked()
    page.get_by_role("button", name="Discard the draft").click()
    assert page.get_by_label("Title").input_value() == ""
    page.reload()
    page.locator("form-draft[data-state=ready]").wait_for(state="attached")
    assert page.get_by_label("Title").input_value() == ""


def test_a_restored_draft_opens_what_is_folded_away(page, account):
    account.draft = {"fields": {"title": "From the phone", "change": "Shorter"}}
    page.reload()
    wait_for(page, "restored.")
    assert page.get_by_label("Change").is_visible()
    account.draft = {"fields": {"title": "From the phone"}}
    page.evaluate("localStorage.clear()")
    page.reload()
    wait_for(page, "restored.")
    assert not page.get_by_label("Change").is_visible()


def test_a_closed_page_loses_nothing_even_before_the_draft_is_synced(page, account):
    page.get_by_label("Title").fill("Just begun")
    page.goto("about:blank")
    account.draft = None
    page.goto("/ask/")
    wait_for(page, "restored.")
    assert page.get_by_label("Title").input_value() == "Just begun"


def test_a_failed_submit_shows_an_error_in_the_form_and_succeeds_later(page, account):
    type_a_question(page)
    account.answers = False
    page.get_by_role("button", name="Send").click()
    wait_for(page, "Not sent. No connection. Saved on this device only.")
    assert page.get_by_label("Text").input_value() == "Half of them wrote nothing."
    account.answers = True
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert [form["title"] for form in account.accepted] == ["Exit tickets"]


def test_an_ended_session_is_reported_before_the_form_is_submitted(page, account):
    type_a_question(page)
    account.signed_in = False
    page.get_by_role("button", name="Send").click()
    wait_for(page, "Not sent. You are signed out. Saved on this device only.")
    assert page.get_by_role("link", name="Sign in elsewhere").get_attribute("href") == "/sign-in/"
    assert not account.accepted
    account.signed_in = True
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")


WITHOUT_STORAGE = {
    "missing": "Object.defineProperty(window, 'localStorage', { get: () => null })",
    "forbidden": "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })",
    "full": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
}


@pytest.mark.parametrize("kind", WITHOUT_STORAGE)
def test_without_storage_the_form_says_where_the_text_is_and_is_submitted(page, account, kind):
    page.add_init_script(WITHOUT_STORAGE[kind])
    page.reload()
    account.answers = False
    type_a_question(page)
    page.get_by_role("button", name="Send").click()
    wait_for(page, "Not sent. No connection. Only in this box.")
    account.answers = True
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert [form["text"] for form in account.accepted] == ["Half of them wrote nothing."]


@pytest.mark.parametrize("status", [400, 403, 413, 500, 503])
def test_a_draft_that_is_refused_stops_no_form_and_is_not_restored_afterwards(page, account, status):
    account.draft_status = status
    type_a_question(page)
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert [form["title"] for form in account.accepted] == ["Exit tickets"]
    account.draft_status = 200
    page.goto("/ask/")
    page.locator("form-draft[data-state=ready]").wait_for(state="attached")
    assert page.get_by_label("Title").input_value() == ""
    assert page.evaluate("localStorage.length") == 0


def test_storage_that_is_cleared_while_somebody_writes_takes_nothing_away(page, account):
    type_a_question(page)
    page.evaluate("localStorage.clear()")
    page.get_by_label("Text").press("End")
    page.get_by_label("Text").type(" At all.")
    page.reload()
    wait_for(page, "restored.")
    assert page.get_by_label("Text").input_value() == "Half of them wrote nothing. At all."


def test_a_form_sent_in_one_tab_leaves_the_text_of_the_other_alone(page, account):
    other = page.context.new_page()
    other.goto("/ask/")
    other.locator("form-draft[data-state=ready]").wait_for(state="attached")
    other.get_by_label("Text").fill("Something else.")
    wait_for(other, "Draft saved")
    page.get_by_label("Text").fill("Half of them wrote nothing.")
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert other.get_by_label("Text").input_value() == "Something else."
    other.reload()
    wait_for(other, "restored.")
    assert other.get_by_label("Text").input_value() == "Something else."


def test_a_new_session_of_another_tab_submits_with_its_csrf_token(page, account):
    type_a_question(page)
    page.context.add_cookies([{"name": "csrftoken", "value": "new", "url": "http://aftercourse.test"}])
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert account.accepted[0]["csrfmiddlewaretoken"] == "new"


def test_an_accepted_form_leaves_no_draft(page, account):
    type_a_question(page)
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    page.goto("/ask/")
    page.locator("form-draft[data-state=ready]").wait_for(state="attached")
    assert page.get_by_label("Title").input_value() == ""
    assert page.evaluate("localStorage.length") == 0


def test_an_empty_form_is_submitted_without_a_draft(page, account):
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    assert account.draft is None


def test_a_double_click_submits_once(page, account):
    type_a_question(page)
    page.get_by_role("button", name="Send").dblclick()
    page.wait_for_function("document.title === 'Taken'")
    assert len(account.accepted) == 1


def test_signing_out_removes_drafts_from_the_device(page, account):
    type_a_question(page)
    wait_for(page, "Draft saved")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_function("document.title === 'Taken'")
    assert page.evaluate("localStorage.length") == 0
