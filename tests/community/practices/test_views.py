"""The pages of practices."""

import re
import uuid

from django.urls import reverse

from community.people.models import Draft
from community.posts import actions as posts
from community.practices.models import Practice
from tests.cast import close_now
from tests.written import publish

WRITTEN = {
    "title": "Two minutes of silence",
    "setting": "Year 7, biology",
    "context": "Restless after lunch.",
    "tried": "We were silent.\n\n- first\n- second",
    "happened": "It helped <script>alert(1)</script>.",
    "change": "",
    "language": "en",
}


def text_in(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_publishing_after_the_end_by_the_form(as_, space, participant):
    close_now(space)
    url = reverse("practice_new", args=[space.pk])
    Draft.objects.create(user=participant, place=url, fields={"title": "Half"})
    client = as_(participant)
    response = client.post(url, WRITTEN, follow=True)
    assert "Two minutes of silence" in text_in(response)
    assert "<script>alert" not in response.content.decode()
    assert Practice.objects.get().tried_html.count("<li>") == 2
    assert not Draft.objects.exists()


def test_the_form_sent_twice_publishes_once(as_, space, participant):
    client, url = as_(participant), reverse("practice_new", args=[space.pk])
    written = WRITTEN | {"client_id": str(uuid.uuid4())}
    first, second = client.post(url, written), client.post(url, written)
    assert first.headers["Location"] == second.headers["Location"]
    assert Practice.objects.count() == 1


def test_a_title_and_what_happened_are_enough(as_, space, participant):
    short = {"title": "Silence", "happened": "It helped.", "language": "en"}
    shown = text_in(as_(participant).post(reverse("practice_new", args=[space.pk]), short, follow=True))
    assert "What happened It helped." in shown
    assert "What I tried" not in shown


def test_facts_are_stored_and_are_in_the_edit_form_again(as_, space, participant):
    facts = {
        "subject": "biology",
        "phase": "lower-secondary",
        "age_from": "12",
        "age_to": "13",
        "class_size": "24",
        "time_needed": "2",
        "time_unit": "lessons",
        "materials": "a timer",
    }
    as_(participant).post(reverse("practice_new", args=[space.pk]), WRITTEN | facts)
    practice = Practice.objects.get()
    assert {name: str(getattr(practice, name)) for name in facts} == facts
    form = as_(participant).get(reverse("practice_edit", args=[practice.pk])).context["form"]
    assert form["age_from"].value() == 12
    assert [fold.is_open for fold in form.folds] == [True, True, False, True]


def test_what_cannot_be_a_fact_is_refused_and_its_fold_is_open(as_, space, participant):
    wrong = WRITTEN | {"age_from": "13", "age_to": "12", "subject": "alchemy", "class_size": "-1"}
    page = as_(participant).post(reverse("practice_new", args=[space.pk]), wrong)
    assert set(page.context["form"].errors) == {"age_to", "subject", "class_size"}
    assert page.context["form"].folds[-1].is_open
    assert not Practice.objects.exists()


def test_a_missing_part_is_named_and_the_typed_text_is_kept(as_, space, participant):
    response = as_(participant).post(reverse("practice_new", args=[space.pk]), WRITTEN | {"happened": " "})
    assert "What happened This field is required" in text_in(response)
    assert "Restless after lunch." in response.content.decode()
    assert not Practice.objects.exists()


def test_a_draft_is_in_the_form_again(as_, space, participant):
    url = reverse("practice_new", args=[space.pk])
    Draft.objects.create(user=participant, place=url, fields={"tried": "We had begun"})
    client = as_(participant)
    assert "We had begun" in client.get(url).content.decode()
    client.post(url, {"discard_draft": "1"})
    assert "We had begun" not in client.get(url).content.decode()


def test_the_form_says_once_that_pupils_are_not_recognisable(as_, space, participant):
    page = as_(participant).get(reverse("practice_new", args=[space.pk]))
    assert text_in(page).count("No pupil should be recognisable") == 1


TRIED = {"tried": "With older pupils.", "outcome": "partly", "language": "en"}


def test_a_try_out_begins_with_what_was_different_and_needs_no_title(
    as_, space, participant, another_participant
):
    practice = publish(space, participant, title="Silence")
    client, url = as_(another_participant), reverse("practice_try", args=[practice.pk])
    page = client.get(url)
    assert "Builds on “Silence” by Petra Participant." in text_in(page)
    assert 'data-title="Tried: Silence"' in page.text  # of its draft, on Today
    assert not any(page.context["form"][name].value() for name in ("title", "tried", "happened"))
    client.post(url, TRIED)
    try_out = Practice.objects.get(builds_on=practice)
    assert (try_out.author, try_out.title) == (another_participant, "Tried: Silence")
    shown = text_in(as_(participant).get(reverse("practice", args=[practice.pk])))
    assert f"{another_participant.name} It partly worked With older pupils." in shown
    listed = text_in(as_(participant).get(reverse("space_practices", args=[space.pk])))
    assert "tried once" in listed
    assert "builds on another It partly worked" in listed


def test_a_try_out_says_how_it_went_and_what_was_different(as_, space, participant, another_participant):
    url = reverse("practice_try", args=[publish(space, participant).pk])
    page = as_(another_participant).post(url, {"happened": "It helped.", "language": "en"})
    assert set(page.context["form"].errors) == {"tried", "outcome"}


def test_the_author_is_not_asked_whether_they_tried_it_too(as_, space, participant, another_participant):
    path = reverse("practice", args=[publish(space, participant).pk])
    assert "I tried this too" not in as_(participant).get(path).text
    assert "I tried this too" in as_(another_participant).get(path).text


def test_only_who_may_try_it_is_asked_how_it_went(as_, cast, space, participant, another_participant):
    address = reverse("practice", args=[publish(space, participant).pk])
    assert "If you do, say how it went" in text_in(as_(another_participant).get(address))
    evaluator = text_in(as_(cast.evaluator).get(address))
    assert "No one has tried this yet." in evaluator
    assert "If you do" not in evaluator


def test_nothing_is_built_on_a_withdrawn_practice(as_, space, participant):
    practice = publish(space, participant)
    posts.withdraw(post=practice, by=participant)
    assert as_(participant).get(reverse("practice_try", args=[practice.pk])).status_code == 403


def test_opening_a_practice_marks_it_as_read(as_, space, participant, trainer):
    practice = publish(space, participant)
    client, listed = as_(trainer), reverse("space_practices", args=[space.pk])
    assert "Mark all as read" in text_in(client.get(listed))
    client.get(reverse("practice", args=[practice.pk]))
    assert "Mark all as read" not in text_in(client.get(listed))


def test_mark_all_as_read(as_, space, participant, trainer):
    publish(space, participant)
    shown = as_(trainer).post(reverse("space_practices_read", args=[space.pk]), follow=True)
    assert "Mark all as read" not in text_in(shown)


def test_a_withdrawn_practice_offers_to_restore_it(as_, space, participant, trainer):
    practice = publish(space, participant)
    client, url = as_(participant), reverse("practice", args=[practice.pk])
    assert "Restore" in text_in(client.post(reverse("practice_withdraw", args=[practice.pk]), follow=True))
    assert as_(trainer).get(url).status_code == 404
    client.post(reverse("practice_restore", args=[practice.pk]))
    assert as_(trainer).get(url).status_code == 200


def test_the_edit_form_is_filled_with_the_practice(as_, space, participant, trainer):
    practice = publish(space, participant)
    client, url = as_(participant), reverse("practice_edit", args=[practice.pk])
    assert "We were silent." in client.get(url).content.decode()
    client.post(url, WRITTEN | {"change": "Shorter."})
    practice.refresh_from_db()
    assert practice.change_html == "<p>Shorter.</p>"
    assert as_(trainer).get(url).status_code == 403


def test_the_queries_of_the_list_and_of_a_practice_do_not_grow(
    as_, space, participant, trainer, django_assert_max_num_queries
):
    client, first = as_(trainer), publish(space, participant)
    publish(space, trainer, builds_on=first)
    pages = [reverse("space_practices", args=[space.pk]), reverse("practice", args=[first.pk])]
    few = []
    for page in pages:
        client.get(page)
        with django_assert_max_num_queries(8) as taken:
            client.get(page)
        few.append(len(taken))
    for _more in range(5):
        publish(space, trainer, builds_on=first)
    for page, before in zip(pages, few, strict=True):
        client.get(page)  # counts what is new
        with django_assert_max_num_queries(before):
            client.get(page)
