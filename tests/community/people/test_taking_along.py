"""Everybody can take along what is theirs, also when a space is closed to them."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from common.access import SYSTEM
from community.spaces.actions import dismiss
from tests import written
from tests.cast import Cast


def test_what_somebody_wrote_stays_theirs_when_they_lose_the_space(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    thread = written.start(cast.space, cast.participant)
    dismiss(space=cast.space, user=cast.participant, by=SYSTEM)
    client = as_(cast.participant)
    assert client.get(reverse("space", args=[cast.space.pk])).status_code == 404
    response = client.get(reverse("take_along"))
    assert response.headers["Content-Disposition"].startswith("attachment;")
    conversations = response.json()["threads"]["conversations"]
    assert [conversation["title"] for conversation in conversations] == [thread.title]
    others = as_(cast.another_participant).get(reverse("take_along")).json()
    assert others["threads"]["conversations"] == []


def test_the_way_to_it_stands_on_ones_own_page(cast: Cast, as_: Callable[..., Client]) -> None:
    assert reverse("take_along") in as_(cast.participant).get(reverse("profile")).content.decode()
