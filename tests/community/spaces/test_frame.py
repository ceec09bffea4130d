"""What subjects add to the frame of every page of a space."""

import re

from django.http import HttpResponse
from django.urls import reverse

from community.spaces import frame
from community.spaces.kinds import Tab
from tests.written import publish, start


def tabs(page):
    nav = page[page.index('<nav class="tabs"') :]
    return re.findall(r'<a href="[^"]*"[^>]*>(\w[\w -]*)', nav[: nav.index("</nav>")])


def test_tabs_stand_in_the_order_of_registration_before_the_people_and_those_of_the_kind(
    as_, space, participant
):
    page = as_(participant).get(reverse("space", args=[space.pk])).content.decode()
    assert tabs(page)[:5] == ["Conversations", "Questions", "Write-ups", "Chat", "People"]


def test_a_tab_shows_how_many_things_behind_it_are_new(as_, space, participant, trainer):
    start(space, trainer)
    publish(space, trainer)
    page = as_(participant).get(reverse("space_people", args=[space.pk])).content.decode()
    assert page.count('class="tabs__count">1 new') == 2


def test_a_subject_adds_a_tab(as_, space, participant, monkeypatch):
    monkeypatch.setattr(frame, "_tab_sources", [])
    frame.register_tabs(lambda request, space: [Tab("notices", "Notices", "/notices/", new=3)])
    page = as_(participant).get(reverse("space_people", args=[space.pk])).content.decode()
    assert tabs(page)[0] == "Notices"
    assert "3 new" in page


def test_a_subject_adds_a_panel(as_, space, participant, monkeypatch):
    def context(request, space):
        return {"title": f"Panel of {request.user.name}", "text": space.title}

    monkeypatch.setattr(frame, "_panels", [])
    frame.register_panel(frame.Panel("components/_empty.html", context))
    page = as_(participant).get(reverse("space_people", args=[space.pk])).content.decode()
    assert f"Panel of {participant.name}" in page


def test_a_space_opens_with_the_page_that_was_registered_last(as_, space, participant, monkeypatch):
    monkeypatch.setattr(frame, "_front_pages", [])
    frame.register_front_page(lambda request, space: HttpResponse("first"))
    frame.register_front_page(lambda request, space: HttpResponse(f"front of {space.title}"))
    page = as_(participant).get(reverse("space", args=[space.pk])).content.decode()
    assert page == f"front of {space.title}"
