"""No page is kept by a proxy or by the browser of a shared computer; pages are compressed."""

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from config.middleware import MOST_PADDING_BYTES, CompressionMiddleware, PrivatePagesMiddleware


@pytest.mark.parametrize(
    "name", ["today", "profile", "news", "space", "thread_new", "take_along", "live_poll"]
)
def test_private_pages_are_not_stored_anywhere(name, cast, as_):
    arguments = [cast.space.pk] if name in ("space", "thread_new") else []
    answer = as_(cast.participant).get(reverse(name, args=arguments))
    assert answer.status_code == 200
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))


@pytest.mark.parametrize("path", ["/account/login/", "/nowhere/", "/"])
def test_nor_are_those_of_visitors_and_refusals(path, client, db):
    assert {"private", "no-store"} <= set(client.get(path).headers["Cache-Control"].split(", "))


def test_a_view_that_says_otherwise_is_left_alone(rf):
    middleware = PrivatePagesMiddleware(lambda request: HttpResponse(headers={"Cache-Control": "max-age=60"}))
    assert middleware(rf.get("/")).headers["Cache-Control"] == "max-age=60"


LONG = "<p>Ágnes asks whether it is so.</p>" * 100


def _answer(rf, response, accepts="gzip, deflate, br"):
    return CompressionMiddleware(lambda request: response)(rf.get("/", headers={"Accept-Encoding": accepts}))


def test_a_page_is_compressed_for_browsers_that_can_read_it(cast, as_):
    browser = as_(cast.participant)
    plain = browser.get(reverse("profile"))
    packed = browser.get(reverse("profile"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert len(packed.content) < len(plain.content) / 2
    assert b'<main id="main"' in gzip.decompress(packed.content)
    for each in (plain, packed):
        assert "Accept-Encoding" in each.headers["Vary"]


def test_the_length_of_a_compressed_page_is_blurred(rf):
    lengths = {len(_answer(rf, HttpResponse(LONG)).content) for _request in range(200)}
    assert MOST_PADDING_BYTES / 2 < len(lengths) <= MOST_PADDING_BYTES
    assert gzip.decompress(_answer(rf, HttpResponse(LONG)).content).decode() == LONG


@pytest.mark.parametrize("accepts", ["", "br", "identity", "gzip;q=0", "br, gzip; q=0.0"])
def test_no_browser_gets_what_it_cannot_read(rf, accepts):
    assert _answer(rf, HttpResponse(LONG), accepts).content.decode() == LONG


@pytest.mark.parametrize("accepts", ["gzip;q=0.5", "gzip;q=1.0, identity; q=0.5", "br;q=0,gzip"])
def test_a_preference_is_no_refusal(rf, accepts):
    assert _answer(rf, HttpResponse(LONG), accepts).headers["Content-Encoding"] == "gzip"


def test_files_small_answers_and_what_is_encoded_stay_as_they_are(rf):
    for response in (
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse("little"),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        StreamingHttpResponse([LONG]),
    ):
        before = response.headers.get("Content-Encoding")
        assert _answer(rf, response).headers.get("Content-Encoding") == before
