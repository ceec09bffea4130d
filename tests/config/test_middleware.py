"""No page is kept by a proxy or by the browser of a shared computer."""

import pytest
from django.http import HttpResponse
from django.urls import reverse

from config.middleware import PrivatePagesMiddleware


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
