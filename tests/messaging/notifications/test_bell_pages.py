"""The page behind the bell, and the bell on every page."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from community.people.models import User
from messaging.notifications import bell, queries
from messaging.notifications.models import Notification
from tests.cast import Cast
from tests.written import ask, reply_to, start

SignIn = Callable[..., Client]


def page_of(client: Client, url: str = "/news/") -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def bells_of(page: str) -> list[tuple[str, str, bool]]:
    """What each bell of a page says: its log's number, its count, and whether the count is shown."""
    found = re.findall(
        r'<news-bell data-stream="person:\d+" data-after="(\d+)">.*?<span class="count" (hidden)?>'
        r"<span data-unseen>(\d+)</span>",
        page,
        re.S,
    )
    return [(number, count, not hidden) for number, hidden, count in found]


def test_the_rail_and_the_bar_have_the_same_bell(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    page = page_of(as_(cast.participant), "/")
    assert bells_of(page) == [("1", "1", True)] * 2
    assert "<title>(1) " in page


def test_a_bell_with_nothing_unseen_shows_no_number(cast: Cast, as_: SignIn) -> None:
    page = page_of(as_(cast.participant), "/")
    assert bells_of(page) == [("0", "0", False)] * 2
    assert "<title>(" not in page


def test_the_page_that_marks_a_notification_as_seen_does_not_count_it(cast: Cast, as_: SignIn) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.trainer)
    page = page_of(as_(cast.participant), reverse("thread", args=[reply.thread_id]))
    assert bells_of(page) == [("2", "0", False)] * 2


def test_a_visitor_has_no_bell(client: Client, db: None) -> None:
    assert "<news-bell" not in client.get("/account/login/").content.decode()


def test_the_list_marks_unseen_lines_and_keeps_seen_ones(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    reader = as_(cast.participant)
    assert page_of(reader).count("conversation--unread") == 1
    reader.post(reverse("news_seen"))
    page = page_of(reader)
    assert "Tamara Trainer replied to your question" in page
    assert "conversation--unread" not in page
    assert "Mark all as read" not in page


def test_an_empty_list_explains_itself(cast: Cast, as_: SignIn) -> None:
    assert "Nothing yet" in page_of(as_(cast.participant))


def test_following_a_line_redirects_to_its_thing_and_marks_it_as_seen(cast: Cast, as_: SignIn) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.trainer)
    news = cast.participant.notifications.get()
    response = as_(cast.participant).get(reverse("news_open", args=[news.pk]))
    assert response.headers["Location"] == f"/replies/{reply.pk}/"
    assert bell.unseen_count(cast.participant) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "empty"},
    ],
)
def test_a_prefetch_of_a_line_does_not_mark_it_as_seen(cast: Cast, as_: SignIn, headers: dict) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    address = reverse("news_open", args=[cast.participant.notifications.get().pk])
    assert as_(cast.participant).get(address, headers=headers).status_code == 302
    assert as_(cast.participant).head(address).status_code == 302
    assert bell.unseen_count(cast.participant) == 1
    as_(cast.participant).get(address, headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})
    assert bell.unseen_count(cast.participant) == 0


def test_a_line_about_something_hidden_is_not_found(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    news = cast.participant.notifications.get()
    cast.space.memberships.filter(user=cast.participant).delete()
    response = as_(cast.participant).get(reverse("news_open", args=[news.pk]))
    assert response.status_code == 404
    assert bell.unseen_count(User.objects.get(pk=cast.participant.pk)) == 0


def test_a_notification_of_somebody_else_is_not_found(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    news = Notification.objects.get(user=cast.participant)
    assert as_(cast.trainer).get(reverse("news_open", args=[news.pk])).status_code == 404


def test_a_long_list_has_pages(cast: Cast, as_: SignIn) -> None:
    for number in range(25):
        ask(cast.space, cast.participant, title=f"Question number {number}")
    first, second = page_of(as_(cast.trainer)), page_of(as_(cast.trainer), "/news/?page=2")
    assert first.count("asks:") == 20
    assert second.count("asks:") == 5
    assert first.index("Question number 24") < first.index("Question number 23")


@pytest.mark.parametrize("many", [1, 15])
def test_the_list_costs_the_same_number_of_queries_however_long(
    cast: Cast, as_: SignIn, many: int, django_assert_num_queries: Callable
) -> None:
    reply_to(start(cast.space, cast.trainer), cast.participant)
    for number in range(many):
        ask(cast.space, cast.participant, title=f"Question number {number}")
    reader = as_(cast.trainer)
    page_of(reader)
    with django_assert_num_queries(7):
        page_of(reader)


def test_the_list_reads_a_bounded_number_of_notifications(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "NOTIFICATIONS_LISTED", 3)
    for number in range(5):
        ask(cast.space, cast.participant, title=f"Question number {number}")
    page = page_of(as_(cast.trainer))
    assert page.count("asks:") == 3
    assert "Question number 4" in page
    assert "Question number 1" not in page
