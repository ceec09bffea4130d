"""Search in a room: without case and diacritics, paged, and without withdrawn messages."""

import uuid

import pytest
from django.urls import reverse

from messaging.chat import actions as chat
from messaging.chat import search


@pytest.fixture
def url(space):
    return reverse("room_search", args=[space.pk])


def post(space, author, text):
    return chat.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4()).number


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("We did the THUMBS vote", "thumbs"),
        ("Őszi szünet után próbáljuk", "OSZI probaljuk"),
        ("Źdźbło w Łodzi", "zdzblo lodzi"),
        ("Ąžuolas prie mokyklos", "azuolas"),
        ("Ёлка стоит в УЧИТЕЛЬСКОЙ", "елка учительской"),
        ("100% of them_all", "100% them_"),
        ("We did the thumbs vote", "„did thumbs”"),
    ],
)
def test_search_ignores_case_and_diacritics(space, participant, trainer, as_, url, text, asked):
    number = post(space, participant, text)
    post(space, participant, "Something else, 100 of those, them all")
    page = as_(trainer).get(url, {"q": asked})
    (found,) = page.context["found"].object_list
    assert found.url == f"{reverse('space_room', args=[space.pk])}?at={number}#message-{number}"
    assert "".join(words for words, _is_found in found.parts) == text
    assert "<mark>" in page.text


def test_a_withdrawn_message_is_not_found(space, participant, as_, url):
    number = post(space, participant, "Something regretted")
    chat.withdraw_message(room=space.room, number=number, by=participant)
    assert as_(participant).get(url, {"q": "regretted"}).context["found"].paginator.count == 0


def test_an_edited_message_is_found_by_its_present_text(space, participant, as_, url):
    number = post(space, participant, "Befor")
    chat.edit_message(room=space.room, number=number, by=participant, text="After", client_id=uuid.uuid4())
    assert as_(participant).get(url, {"q": "befor"}).context["found"].paginator.count == 0
    assert as_(participant).get(url, {"q": "after"}).context["found"].paginator.count == 1


def test_another_room_is_not_searched(space, participant, other_institute, as_, url):
    room = chat.open_room(closes_at=None)
    chat.admit(room=room, user=participant)
    chat.post_message(room=room, author=participant, text="elsewhere", client_id=uuid.uuid4())
    assert as_(participant).get(url, {"q": "elsewhere"}).context["found"].paginator.count == 0


def test_a_long_message_shows_the_part_in_which_it_was_found(space, participant, as_, url):
    post(space, participant, "Before that. " * 100 + "Here is the thumbs vote. " + "After that. " * 100)
    (found,) = as_(participant).get(url, {"q": "thumbs"}).context["found"].object_list
    assert ("thumbs", True) in found.parts
    assert len("".join(words for words, _is_found in found.parts)) < 300


@pytest.mark.parametrize("asked", ["", " ", "a", "\u200b", "\u0301", "x" * 9000, "% _", "\\"])
def test_any_query_is_accepted(participant, as_, url, asked):
    assert as_(participant).get(url, {"q": asked}).status_code == 200


def test_results_are_paged_newest_first_with_a_constant_number_of_queries(
    space, participant, trainer, as_, url, django_assert_max_num_queries
):
    post(space, participant, "thumbs 0")
    client = as_(trainer)
    client.get(url)
    with django_assert_max_num_queries(60) as one:
        client.get(url, {"q": "thumbs"})
        alone = len(one)
    for number in range(1, 30):
        post(space, (participant, trainer)[number % 2], f"thumbs {number}")
    with django_assert_max_num_queries(alone):
        found = client.get(url, {"q": "thumbs"}).context["found"]
    assert len(found.object_list) == 20
    assert found.object_list[0].number == 30
    assert found.has_next()


def test_a_search_finds_the_newest_and_says_that_there_are_more(space, participant, as_, url, monkeypatch):
    monkeypatch.setattr(search, "MAX_FOUND", 3)
    for number in range(3):
        post(space, participant, f"thumbs {number}")
    page = as_(participant).get(url, {"q": "thumbs"})
    assert "3 messages contain these words." in page.text
    post(space, participant, "thumbs again")
    page = as_(participant).get(url, {"q": "thumbs"})
    assert [one.number for one in page.context["found"].object_list] == [4, 3, 2]
    assert "Here are the newest 3; add another word to narrow them down." in page.text


def test_results_are_escaped(space, participant, as_, url):
    post(space, participant, "<b>thumbs</b> <script>alert(1)</script>")
    page = as_(participant).get(url, {"q": "thumbs"}).text
    assert "<script>alert" not in page
    assert "&lt;b&gt;<mark>thumbs</mark>" in page


def test_no_result_suggests_what_to_do_next(space, participant, as_, url):
    page = as_(participant).get(url, {"q": "never said"})
    assert "No messages with “never said”" in page.text
    assert reverse("space_room", args=[space.pk]) in page.text.split("No messages with", 1)[1]


def test_the_avatar_of_a_trainer_is_highlighted_in_results(space, participant, trainer, as_, url):
    post(space, participant, "Bring one picture")
    assert "avatar--answers" not in as_(participant).get(url, {"q": "picture"}).text
    post(space, trainer, "Any picture")
    assert as_(participant).get(url, {"q": "picture"}).text.count("avatar--answers") == 1
