"""What is no text, no number and no method of ours, before a view sees it."""

import io

import pytest
from django.urls import reverse

from community.threads.models import Reply
from config.thread_pool import PooledHandler
from tests.access.objects import invitation_link
from tests.written import start

SENTENCE = "We couldn’t read that"


@pytest.mark.parametrize("garbled", ["%00", "%FF", "%ED%A0%80", "%C0%80", "a%00b", "%E2%82"])
@pytest.mark.parametrize("page", ["courses", "account_login", "news", "draft"])
def test_a_query_that_is_no_text_gets_a_page_with_a_sentence(page, garbled, as_, participant):
    for query in (f"x={garbled}", f"{garbled}=x"):
        response = as_(participant).get(f"{reverse(page)}?{query}")
        assert response.status_code == 400
        assert SENTENCE in response.content.decode()


def test_a_path_with_nul_is_refused_and_one_with_an_unknown_character_is_not_found(as_, participant):
    assert as_(participant).get("/invitations/%00/").status_code == 400
    assert as_(participant).get("/invitations/%FF/").status_code == 404


@pytest.mark.parametrize(
    "query", ["language__exact=%00", "occupation__exact=a%00", "q=%00", "p=%00", "e=%ff"]
)
def test_the_admin_refuses_them_too(query, as_, participant):
    participant.is_staff = participant.is_superuser = True
    participant.save()
    client = as_(participant)
    assert client.get(f"{reverse('admin:community_user_changelist')}?{query}").status_code == 400
    assert client.get(f"{reverse('admin:autocomplete')}?term=%00").status_code == 400


def test_a_form_whose_bytes_are_no_text_is_refused(as_, participant, space):
    path, kind = reverse("thread_new", args=[space.pk]), "application/x-www-form-urlencoded"
    for body in (b"title=%FF&language=en", b"title=\xff&language=en", b"title=a&%ED%A0%80=b"):
        response = as_(participant).generic("POST", path, body, kind)
        assert response.status_code == 400
        assert SENTENCE in response.content.decode()
    typed = "title=What%20is%20%EF%BF%BD&language=en"
    assert as_(participant).generic("POST", path, typed, kind).status_code == 302


def test_nul_in_a_form_is_left_out_and_no_word_is_lost(as_, participant, space):
    thread = start(space, participant)
    response = as_(participant).post(reverse("thread", args=[thread.pk]), {"text": "It \0worked\0."})
    assert response.status_code == 302
    assert Reply.objects.get().text == "It worked."


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "hex", "idna", "undefined", "latin-1"])
def test_a_form_in_an_encoding_of_its_own_is_read_as_every_other(charset, as_, participant, space):
    body = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    sent = body.format("title", "Größe \\ud800 +2AA-") + body.format("language", "en") + "--x--\r\n"
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    path = reverse("thread_new", args=[space.pk])
    response = as_(participant).generic("POST", path, sent.encode(), kind)
    assert response.status_code == 302
    assert space.threads.get().title == "Größe \\ud800 +2AA-"


@pytest.mark.parametrize(
    "cookie", [r'sessionid="\000\000\000\000\000\000\000\000\000"', r'csrftoken="\000\012"']
)
def test_a_cookie_that_cannot_be_printed_is_no_cookie(cookie, client, db):
    assert client.get(reverse("account_login"), headers={"cookie": cookie}).status_code == 200


def test_a_header_in_an_encoding_of_its_own_is_passed_over(as_, participant, space):
    headers = {"accept": "text/html; x*=nonsense''y, application/json"}
    answer = as_(participant).post(reverse("space_room", args=[space.pk]), {"text": " "}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("content_type", [b"text/plain; charset*=nonsense''y", b"a/b; x*=idna''%ff"])
def test_a_content_type_that_cannot_be_read_is_refused(content_type):
    scope = {"method": "POST", "path": "/", "headers": [(b"content-type", content_type)], "query_string": b""}
    request, response = PooledHandler().create_request(scope, io.BytesIO())
    assert request is None
    assert response.status_code == 400
    assert b"Go back and try again" in response.content


def test_too_many_parameters_beside_a_charset_are_refused():
    scope = {
        "method": "GET",
        "path": "/",
        "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        "query_string": b"a&" * 1_001,
    }
    assert PooledHandler().create_request(scope, io.BytesIO())[1].status_code == 400


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**19, 10**200])
def test_a_number_too_large_for_the_database_names_nothing(number, as_, coordinator, run):
    for path in (
        f"/spaces/{number}/",
        f"/runs/{number}/",
        f"/completions/{number}/",
        f"/files/{number}/a.pdf",
    ):
        assert as_(coordinator).get(path).status_code == 404
        assert as_(None).get(path).headers["Location"].startswith(reverse("account_login"))
    for path in (f"/runs/{run.pk}/trainers/{number}/remove/", f"/runs/{run.pk}/enrolments/{number}/remove/"):
        assert as_(coordinator).post(path).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "PUT", "CONNECT", "BREW"])
def test_only_the_methods_of_pages_are_answered(method, as_, participant):
    for path in ("/", reverse("profile"), "/nowhere/"):
        assert as_(participant).generic(method, path).status_code == 405


@pytest.mark.parametrize("target", ["http://[::1", "//[::1", "https://[", "http://[:::]/", "//]"])
def test_an_address_that_is_none_leads_nowhere_else(target, as_, participant):
    for page in ("account_login", "account_request_login_code", "account_reset_password"):
        assert as_(None).get(reverse(page), {"next": target}).status_code == 200
        assert as_(None).post(reverse(page), {"next": target, "email": "a@b.test"}).status_code in (200, 302)
    response = as_(participant).post(reverse("account_logout"), {"next": target})
    assert response.headers["Location"] == "/"
    language = {"language": "hu", "next": target}
    assert as_(participant).post(reverse("set_language"), language).headers["Location"] == "/"


def test_the_page_of_an_invitation_is_refused_as_others_are(cast, as_):
    link = reverse("invitation", args=[invitation_link(cast)])
    assert as_(None).get(f"{link}?x=%00").status_code == 400
    assert as_(None).get(f"{link}?x=%C3%A1").status_code == 200
