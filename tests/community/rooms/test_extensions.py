"""What subjects add to the page of a room."""

from django.urls import reverse

from community.people import drafts
from community.rooms import extensions


def test_a_subject_adds_links_to_the_head_for_who_may_follow_them(
    as_, space, participant, trainer, monkeypatch
):
    def links(request, space):
        link = extensions.HeaderLink("Minutes", f"/minutes/{space.pk}/", "bookmark")
        return [link] * (request.user == trainer)

    monkeypatch.setattr(extensions, "_link_sources", [])
    extensions.register_links(links)
    url = reverse("space_room", args=[space.pk])
    assert f'href="/minutes/{space.pk}/"' in as_(trainer).get(url).content.decode()
    assert "Minutes" not in as_(participant).get(url).content.decode()


def test_a_question_typed_in_the_room_goes_on_in_the_registered_form(as_, space, participant, monkeypatch):
    monkeypatch.setattr(extensions, "_question_paths", [])
    extensions.register_question_path(lambda space: f"/ask/{space.pk}/")
    answer = as_(participant).post(
        reverse("space_room", args=[space.pk]), {"text": "What if half are lost?", "ask": "1"}
    )
    assert answer.headers["Location"] == f"/ask/{space.pk}/"
    assert drafts.get_draft(participant, f"/ask/{space.pk}/")["fields"] == {"title": "What if half are lost?"}


def test_who_keeps_order_finds_the_link_to_keep_messages(as_, space, participant, trainer):
    url, keep = reverse("space_room", args=[space.pk]), reverse("room_keep", args=[space.pk])
    assert keep in as_(trainer).get(url).content.decode()
    assert keep not in as_(participant).get(url).content.decode()
