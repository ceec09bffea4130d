"""What was typed into a form that was not accepted stands on the next page, ready to be sent."""

import re
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import clock
from community.people import unsent
from community.threads.models import Reply
from tests.conftest import session_of
from tests.written import start

pytestmark = pytest.mark.django_db

TEXT = 'Half of them <wrote> "nothing" & left.\nThe other half did.'


@pytest.fixture
def thread(space, trainer):
    return start(space, trainer)


@pytest.fixture
def path(thread):
    return reverse("thread", args=[thread.pk])


@pytest.fixture
def browser(participant):
    """The participant's browser, whose forms need their token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = session_of(participant)
    return client


def form_of(response, action=""):
    """The fields that a browser would send with the form of a page, and where to."""
    # What a template has is for scripts; it may be a form of its own.
    page = re.sub(r"<template.*?</template>", "", response.content.decode(), flags=re.S)
    (form,) = re.findall(
        rf'<form class="form" method="post" action="({action}[^"]*)"[^>]*>(.*?)</form>', page, re.S
    )
    fields = {}
    for tag in re.findall(r"<input [^>]*>", form[1]):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in values and values.get("type") not in ("checkbox", "file", "password"):
            fields[values["name"]] = unescape(values.get("value", ""))
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', form[1], re.S):
        fields[name] = unescape(text)
    return unescape(form[0]), fields


def reply_form(browser, path):
    return form_of(browser.get(path), path)[1]


def end_session(browser):
    Session.objects.all().delete()


def sign_in(browser, user):
    """As the demo's page and allauth do it: the visitor's session becomes the user's."""
    browser.force_login(user)


def test_a_stale_token_shows_the_text_in_a_form_that_is_accepted(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT, "csrfmiddlewaretoken": "x" * 64}
    refused = browser.post(path, fields)
    assert refused.status_code == 403
    assert "Half of them &lt;wrote&gt;" in refused.content.decode()
    action, again = form_of(refused)
    assert action == path
    assert again["text"].replace("\r\n", "\n") == TEXT
    assert again["client_id"] == fields["client_id"]
    assert browser.post(action, again).status_code == 302
    assert Reply.objects.get(author=participant).text == TEXT


def test_a_lost_cookie_shows_the_text_and_does_not_speak_of_signing_in(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    del browser.cookies["csrftoken"]
    refused = browser.post(path, fields)
    assert refused.status_code == 403
    assert "signed out" not in refused.content.decode()
    action, again = form_of(refused)
    assert browser.post(action, again).status_code == 302
    assert Reply.objects.get(author=participant).text == TEXT


def test_a_script_gets_the_reason_as_json(browser, space):
    refused = browser.post(
        reverse("space_room", args=[space.pk]), {"text": "Hello"}, HTTP_ACCEPT="application/json"
    )
    assert refused.status_code == 403
    assert "open for too long" in refused.json()["why"]


def test_what_another_site_sent_is_not_shown(browser, path):
    fields = reply_form(browser, path) | {"text": TEXT}
    for headers in ({"HTTP_ORIGIN": "https://elsewhere.test"}, {"HTTP_SEC_FETCH_SITE": "cross-site"}):
        refused = browser.post(path, fields | {"csrfmiddlewaretoken": "x" * 64}, **headers)
        assert refused.status_code == 403
        assert "Half of them" not in refused.content.decode()


def test_passwords_are_not_repeated_and_have_to_be_typed_again():
    browser = Client(enforce_csrf_checks=True)
    sent = {"login": "petra@school.test", "password": "correct horse", "next": "/me/"}
    refused = browser.post(reverse("account_login"), sent)
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "correct horse" not in page
    assert 'type="password" name="password"' in page
    action, again = form_of(refused)
    assert (action, again["login"], again["next"]) == (reverse("account_login"), "petra@school.test", "/me/")


def test_files_are_named_and_have_to_be_chosen_again(browser, month, trainer):
    browser.cookies["sessionid"] = session_of(trainer)
    sent = {"title": "Ticket", "upload": SimpleUploadedFile("exit <ticket>.pdf", b"%PDF-1.4")}
    page = browser.post(reverse("month_materials", args=[month.pk]), sent).content.decode()
    assert "“exit &lt;ticket&gt;.pdf”" in page
    assert 'type="file" name="upload"' in page
    assert 'value="Ticket"' in page


def test_what_was_chosen_is_sent_along_unseen(browser, space):
    sent = {"title": "Who?", "text": "", "audience": "everyone", "language": "hu", "client_id": "0" * 8}
    refused = browser.post(reverse("question_new", args=[space.pk]), sent)
    page = refused.content.decode()
    assert form_of(refused)[1].items() >= sent.items()
    shown = re.findall(r'<input type="text" name="(\w+)"', page)
    assert shown == ["title"]


def test_the_form_of_signing_in_leads_on_when_one_signed_in_in_another_tab(browser):
    sent = {"login": "petra@school.test", "password": "correct horse", "csrfmiddlewaretoken": "x" * 64}
    for target, leads_to in ((reverse("profile"), reverse("profile")), ("https://elsewhere.test/", "/")):
        response = browser.post(reverse("account_login"), sent | {"next": target})
        assert (response.status_code, response.url) == (302, leads_to)


def test_a_session_that_ended_gives_the_text_back_after_signing_in(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    end_session(browser)
    sent_away = browser.post(path, fields)
    assert sent_away.status_code == 302
    assert sent_away.url == f"{reverse('account_login')}?next={reverse('unsent')}"
    sign_in(browser, participant)
    given_back = browser.get(reverse("unsent"))
    assert "Half of them &lt;wrote&gt;" in given_back.content.decode()
    action, again = form_of(given_back)
    assert browser.post(action, again).status_code == 302
    assert Reply.objects.get(author=participant).text == TEXT


def test_whichever_way_one_signs_in_the_first_page_shows_what_was_typed_once(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT, "discard_draft": "1"}
    end_session(browser)
    browser.post(path, fields)
    sign_in(browser, participant)
    assert browser.get(reverse("draft"), HTTP_ACCEPT="application/json").status_code == 200
    assert browser.get(reverse("profile")).url == reverse("unsent")
    action, again = form_of(browser.get(reverse("unsent")))
    assert (action, "discard_draft" in again) == (path, False)
    assert browser.get(reverse("profile")).status_code == 200


def test_a_session_and_a_token_that_both_ended_give_the_text_back(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    browser.cookies.clear()
    assert browser.post(path, fields).url.endswith(f"?next={reverse('unsent')}")
    sign_in(browser, participant)
    assert "Half of them" in browser.get(reverse("unsent")).content.decode()


def test_what_one_person_typed_is_not_given_to_another(browser, path, trainer, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    end_session(browser)
    browser.post(path, fields)
    sign_in(browser, trainer)
    assert browser.get(reverse("unsent")).status_code == 302
    assert unsent.SESSION_KEY not in browser.session
    sign_in(browser, participant)
    assert browser.get(reverse("unsent")).status_code == 302


@pytest.mark.parametrize("token", ["of the form", "stale"])
def test_a_form_made_for_one_person_posts_nothing_for_another(browser, path, trainer, token):
    fields = reply_form(browser, path) | {"text": TEXT}
    if token == "stale":
        fields["csrfmiddlewaretoken"] = "x" * 64
    browser.cookies["sessionid"] = session_of(trainer)
    refused = browser.post(path, fields)
    assert refused.status_code == 403
    assert "Half of them" not in refused.content.decode()
    assert not Reply.objects.exists()


def test_a_script_of_a_page_made_for_another_person_is_signed_out(as_, participant, trainer):
    client = as_(trainer)
    body = {"place": "/me/", "title": "", "fields": {"text": TEXT}}
    headers = {"HTTP_ACCEPT": "application/json"}
    own = client.post(
        reverse("draft"), body, content_type="application/json", HTTP_X_WRITER=str(trainer.key), **headers
    )
    other = client.post(
        reverse("draft"), body, content_type="application/json", HTTP_X_WRITER=str(participant.key), **headers
    )
    assert (own.status_code, other.status_code) == (204, 302)
    assert not participant.drafts.exists()


def test_a_visitor_without_a_page_of_a_user_leaves_nothing_in_the_database(path):
    for writer in ("", "x", "00000000-0000-4000-8000-000000000000"):
        client = Client()
        response = client.post(path, {"text": TEXT, "writer": writer})
        assert response.status_code == 302
        assert unsent.SESSION_KEY not in client.session


def test_a_list_too_long_to_be_kept_is_shown_at_once(browser, run, coordinator):
    browser.cookies["sessionid"] = session_of(coordinator)
    page, pasted = reverse("completion_paste", args=[run.pk]), "Nora New; nora@school.test\n" * 10_000
    stale = {"pasted": pasted, "writer": str(coordinator.key), "csrfmiddlewaretoken": "x" * 64}
    refused = browser.post(page, stale)
    assert form_of(refused, page)[1]["pasted"].replace("\r\n", "\n") == pasted
    browser.cookies.clear()
    for token in ("x" * 64, None):
        token = token or browser.get(reverse("account_login")).cookies["csrftoken"].value
        shown = browser.post(page, stale | {"csrfmiddlewaretoken": token})
        assert shown.status_code == 403
        assert "sign in" in shown.content.decode()
        fields = form_of(shown, page)[1]
        assert fields["pasted"].replace("\r\n", "\n") == pasted
        assert fields["writer"] == str(coordinator.key)
        assert "sessionid" not in browser.cookies


def test_visitors_who_know_a_form_of_somebody_do_not_fill_the_database(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    before = Session.objects.count()
    with clock.at(clock.now()):
        for _time in range(31):
            answer = Client().post(path, fields)
    assert Session.objects.count() - before == 30
    assert "Half of them &lt;wrote&gt;" in answer.content.decode()


def test_what_was_typed_is_kept_for_an_hour(browser, path, participant):
    fields = reply_form(browser, path) | {"text": TEXT}
    end_session(browser)
    browser.post(path, fields)
    sign_in(browser, participant)
    with clock.at(clock.now() + unsent.LIFETIME * 1.1):
        assert browser.get(reverse("unsent")).status_code == 302


def test_signing_in_to_get_a_text_back_lasts_as_long_as_any_other(browser, path, participant, settings):
    fields = reply_form(browser, path) | {"text": TEXT}
    end_session(browser)
    browser.post(path, fields)
    sign_in(browser, participant)
    assert browser.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_a_button_pressed_after_the_session_ended_leads_back_to_its_page(thread):
    url = reverse("thread_pin", args=[thread.pk])
    page = f"http://testserver{reverse('thread', args=[thread.pk])}?page=1"
    response = Client().post(url, HTTP_REFERER=page)
    assert response.url == f"{reverse('account_login')}?next=/threads/{thread.pk}/%3Fpage%3D1"
    for elsewhere in ("https://elsewhere.test/x/", "http://[::1", ""):
        assert Client().post(url, HTTP_REFERER=elsewhere).url == f"{reverse('account_login')}?next=/"


def test_every_form_names_who_it_was_made_for(as_, path, participant):
    page = as_(participant).get(path).content.decode()
    tokens = page.count('name="csrfmiddlewaretoken"')
    assert tokens > 1
    assert page.count(f'name="writer" value="{participant.key}"') == tokens
    assert 'name="writer"' not in as_(None).get(reverse("account_login")).content.decode()


def test_an_accepted_form_tells_the_script_its_id(as_, path, participant):
    client_id = "6f1f0a54-9c1c-4c8e-8f6a-2f1f3a6e9b10"
    response = as_(participant).post(path, {"text": "Done", "client_id": client_id})
    assert response.cookies["sent"].value == client_id


def test_a_refusal_gives_the_words_back_to_copy(as_, month, participant, space):
    page = as_(participant).post(reverse("live_hours", args=[month.pk]), {"title": "My own <hour>, at four"})
    assert page.status_code == 403
    assert "My own &lt;hour&gt;, at four" in page.content.decode()


def test_a_page_that_is_gone_gives_the_words_back_to_copy(as_, stranger, path):
    page = as_(stranger).post(path, {"text": TEXT})
    assert page.status_code == 404
    assert "Half of them &lt;wrote&gt;" in page.content.decode()


def test_an_error_of_ours_gives_the_words_back_in_a_form(as_, participant, path, monkeypatch):
    client = as_(participant)
    client.raise_request_exception = False
    monkeypatch.setattr("community.threads.actions.post_reply", None)
    page = client.post(path, {"text": TEXT})
    assert page.status_code == 500
    action, again = form_of(page)
    assert (action, again["text"], again["writer"]) == (path, TEXT, str(participant.key))


def test_a_visitor_whose_page_is_missing_is_shown_the_ways_in(client, db):
    page = client.get("/no/such/page/")
    shown = page.content.decode()
    assert page.status_code == 404
    assert "To the home page" in shown
    assert f'href="{reverse("account_login")}"' in shown
    assert "Today" not in shown


def test_a_user_whose_page_is_missing_goes_to_today(as_, stranger):
    shown = as_(stranger).get("/no/such/page/").content.decode()
    assert "Go to Today" in shown
    assert "another email address" in shown
