"""The board of a space: cards, what it is filtered by, drafts."""

import re

import pytest
from django.urls import reverse

from community.people.models import Draft
from community.posts import actions as posts
from community.practices.actions import PracticeText, edit_practice
from messaging.files.actions import Attached
from messaging.files.models import File
from messaging.files.pictures import PICTURE_TYPE
from tests.written import publish

pytestmark = pytest.mark.django_db


def cards_on(client, space, **query):
    response = client.get(reverse("space_practices", args=[space.pk]), query)
    assert response.status_code == 200
    return response, [practice.title for practice in response.context["practices"]]


def words_on(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.fixture
def several(space, participant, another_participant):
    """Six practices of different kinds and one try-out, which is the newest."""
    publish(space, participant, title="Cones", subject="maths", phase="primary")
    publish(space, participant, title="Kérdések a falon", subject="biology", phase="primary", language="hu")
    publish(space, participant, title="A broken drill", subject="trade", phase="vocational")
    silence = publish(space, participant, title="Silence", subject="maths", phase="vocational")
    publish(space, participant, title="A walk", setting="Staff meeting")
    publish(space, participant, title="Clocks", materials="an hourglass")
    publish(space, another_participant, builds_on=silence, title="", outcome="worked")
    return silence


def test_a_card_says_where_it_was_who_wrote_it_and_how_often_it_was_tried(as_, space, several, trainer):
    response, titles = cards_on(as_(trainer), space)
    assert titles[0] == "Tried: Silence"
    assert "Vocational training · Mathematics" in words_on(response)
    assert "tried once, worked in 1" in words_on(response)
    assert "Staff meeting" in words_on(response)
    assert response.context["practices"][0].subject == "maths"  # the drawing of what it is built on


def test_the_most_tried_can_come_first(as_, space, several, trainer):
    assert cards_on(as_(trainer), space, order="tried")[1][0] == "Silence"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"subject": "maths"}, ["Silence", "Cones"]),
        ({"subject": "maths", "phase": "primary"}, ["Cones"]),
        ({"phase": "adults"}, []),
        ({"q": "broke"}, ["A broken drill"]),
        ({"q": "hourglasses"}, ["Clocks"]),
        ({"q": "kerdes FAL"}, ["Kérdések a falon"]),
        ({"q": "rill"}, []),
        ({"q": "con", "subject": "maths", "order": "tried"}, ["Cones"]),
        ({"q": "50% _"}, []),
    ],
)
def test_the_query_string_says_what_is_shown(as_, space, several, trainer, query, found):
    assert cards_on(as_(trainer), space, **query)[1] == found


def test_only_what_some_practice_has_can_be_chosen_and_nonsense_chooses_nothing(as_, space, several, trainer):
    response, titles = cards_on(as_(trainer), space, subject="alchemy", phase="%", order="size", page="x")
    assert len(titles) == 7
    chosen, choices = response.context["chosen"], response.context["choices"]
    assert (chosen.subject, chosen.phase, chosen.order) == ("", "", "newest")
    assert [value for value, _label in choices.subjects] == ["maths", "biology", "trade"]
    assert [value for value, _label in choices.phases] == ["primary", "vocational"]


def test_a_short_list_has_no_filters_but_what_was_chosen_can_be_left(as_, space, participant, trainer):
    publish(space, participant)
    client = as_(trainer)
    assert "All subjects" not in cards_on(client, space)[0].text
    response, titles = cards_on(client, space, q="elephant")
    assert titles == []
    assert "No write-up here fits that." in response.text
    assert "See all" in response.text


def test_pages_keep_what_was_chosen(as_, space, participant, trainer):
    for number in range(21):
        publish(space, participant, title=f"Number {number}", subject="maths")
    response, titles = cards_on(as_(trainer), space, subject="maths", page="2")
    assert titles == ["Number 0"]
    assert "subject=maths&amp;page=1" in response.text


def draft_of(user, place, **fields):
    Draft.objects.create(user=user, place=place, fields=fields, title="Write-up")


def test_my_drafts_for_this_space_are_on_its_board(as_, cast, space, participant, trainer):
    silence = publish(space, trainer, title="Silence")
    new = reverse("practice_new", args=[space.pk])
    draft_of(participant, new, title="Half a thought")
    draft_of(participant, reverse("practice_try", args=[silence.pk]), tried="With")
    draft_of(participant, reverse("practice_try", args=[silence.pk + 1]), title="Not there")
    draft_of(participant, reverse("practice_new", args=[space.pk + 1]), title="Elsewhere")
    draft_of(trainer, new, title="Somebody else’s")
    response = cards_on(as_(participant), space)[0]
    assert [draft.title for draft in response.context["drafts"]] == ["Silence", "Half a thought"]
    assert "Draft: Half a thought" in words_on(response)


def test_a_draft_is_on_an_empty_board_too(as_, space, participant):
    draft_of(participant, reverse("practice_new", args=[space.pk]), title="Half a thought")
    assert "Draft: Half a thought" in words_on(cards_on(as_(participant), space)[0])


def test_the_queries_of_the_board_do_not_grow(
    as_, space, participant, trainer, several, django_assert_max_num_queries
):
    client = as_(trainer)
    queries = [{}, {"subject": "maths", "order": "tried"}, {"q": "cone"}]
    few = []
    for query in queries:
        cards_on(client, space, **query)
        with django_assert_max_num_queries(8) as taken:
            cards_on(client, space, **query)
        few.append(len(taken))
    for number in range(12):
        last = publish(space, participant, title=f"Cones {number}", subject="maths")
        publish(space, trainer, builds_on=last)
    for query, before in zip(queries, few, strict=True):
        cards_on(client, space, **query)
        with django_assert_max_num_queries(before):
            cards_on(client, space, **query)


def chain_on(client, practice):
    page = client.get(reverse("practice", args=[practice.pk]))
    return page, [(link.level, link.pk, link.is_here) for link in page.context["chain"]]


def test_a_chain_leads_from_the_first_to_all_that_were_built_on_it_and_back(as_, cast):
    space = cast.space
    first = publish(space, cast.participant, title="Silence")
    second = publish(space, cast.trainer, builds_on=first, title="Silence outdoors", outcome="worked")
    other = publish(space, cast.coordinator, builds_on=first, title="", outcome="not", tried="Longer.")
    third = publish(space, cast.participant, builds_on=second, title="", outcome="partly")
    client = as_(cast.another_participant)
    page, links = chain_on(client, first)
    assert links == [(1, second.pk, False), (2, third.pk, False), (1, other.pk, False)]
    assert "Tried by others" in words_on(page)
    assert "tried 3 times, worked in 1" in words_on(page)
    assert "It didn’t work" in words_on(page)
    assert "Longer." in words_on(page)
    page, links = chain_on(client, third)
    assert links == [
        (0, first.pk, False),
        (1, second.pk, False),
        (2, third.pk, True),
        (1, other.pk, False),
    ]
    assert f"Builds on {cast.trainer.name}" in words_on(page)

    posts.withdraw(post=second, by=cast.trainer)
    assert chain_on(client, first)[1] == [(1, other.pk, False), (1, third.pk, False)]


@pytest.mark.parametrize("hidden", [False, True])
def test_the_first_picture_is_on_the_card_and_leads_the_article(as_, space, participant, trainer, hidden):
    stored = {"size": 3, "blob": "none", "uploaded_by": participant}
    files = [
        File.objects.create(name="list.csv", content_type="text/csv", **stored),
        File.objects.create(name="board.png", content_type=PICTURE_TYPE, width=40, height=30, **stored),
    ]
    practice = publish(space, participant)
    edit_practice(
        practice=practice,
        by=participant,
        fields=PracticeText(title="T"),
        files=Attached(tuple(file.key for file in files)),
    )
    File.objects.filter(name="board.png").update(hidden_at=practice.published_at if hidden else None)
    picture = File.objects.get(name="board.png")
    cards = cards_on(as_(trainer), space)[0]
    page = as_(trainer).get(reverse("practice", args=[practice.pk]))
    on_card = f"/pictures/{picture.pk}/small.webp" in cards.text
    assert on_card is not hidden
    assert [file.name for file in page.context["lead"]] == ([] if hidden else ["board.png"])
    assert [file.name for file in page.context["files"]] == (
        ["list.csv", "board.png"] if hidden else ["list.csv"]
    )


def test_facts_stand_under_the_title_and_a_code_on_the_sheet(as_, space, participant, trainer):
    practice = publish(
        space, participant, subject="art", age_from=12, age_to=12, time_needed=2, time_unit="lessons"
    )
    page = as_(trainer).get(reverse("practice", args=[practice.pk]))
    assert [fact.value for fact in page.context["facts"]] == ["Art", "12", "2 lessons"]
    assert 'class="qr"' in page.text
    assert page.context["page_url"].endswith(f"/practices/{practice.pk}/")
