"""The pages of a month and the head of its space, as each of the cast meets them."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import clock
from community.practices.models import Practice
from followup.courses.models import Material
from followup.months import actions
from followup.months.materials import add_material
from followup.months.models import Extension, StepTold
from tests.cast import Cast, close_now, join, person

SignIn = Callable[..., Client]


def page(client: Client, name: str, **kwargs: int) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def many_more(cast: Cast, count: int) -> None:
    for number in range(count):
        somebody = person(f"Participant Number{number}")
        join(cast.space, somebody)
        Practice.objects.create(
            space=cast.space,
            author=somebody,
            title=f"Practice {number}",
            context="c",
            tried="t",
            happened="h",
            language="en",
            published_at=clock.now(),
        )
        StepTold.objects.create(month=cast.month, user=somebody, step="tried", sentence=f"Sentence {number}")
        Material.objects.create(run=cast.run, title=f"Material {number}", link="https://example.org/")
        Extension.objects.create(
            month=cast.month,
            previous_closes_at=cast.space.closes_at or clock.now(),
            last_day=cast.space.last_day,
            reason=f"Reason {number}",
        )


def test_the_head_says_where_the_month_comes_from_and_how_far_it_is(cast: Cast, as_: SignIn) -> None:
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "Szeged" in text
    assert "19 days left" in text
    assert "Ask the trainer" in text
    assert "This week: Week 2" in text
    assert "Day 13 of 32" in text


def test_the_trainer_is_not_offered_to_ask_the_trainer(cast: Cast, as_: SignIn) -> None:
    assert "Ask the trainer" not in page(as_(cast.trainer), "space", pk=cast.space.pk)


def test_a_closed_space_says_what_is_still_possible_and_what_came_of_it(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 5)
    close_now(cast.space)
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "Talk is closed, practices are still welcome" in text
    assert "Ask the trainer" not in text
    assert "people who tried something" in text
    assert "This week" not in text


def test_fewer_than_five_people_are_never_a_figure(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 4)
    close_now(cast.space)
    assert "people who tried something" not in page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "people who tried something" not in page(as_(cast.coordinator), "month_steps", pk=cast.month.pk)


def test_a_page_asks_no_more_of_the_database_in_a_full_month(
    cast: Cast, as_: SignIn, django_assert_max_num_queries: Callable
) -> None:
    pages = {"space": cast.space.pk, "month_materials": cast.month.pk, "month_steps": cast.month.pk}
    few = []
    for user in (cast.participant, cast.trainer, cast.coordinator):
        client = as_(user)
        for name, pk in pages.items():
            page(client, name, pk=pk)
            with django_assert_max_num_queries(80) as taken:
                page(client, name, pk=pk)
            few.append((client, name, pk, len(taken)))
    many_more(cast, 6)
    for client, name, pk, before in few:
        with django_assert_max_num_queries(before):
            page(client, name, pk=pk)


def test_a_longer_month_is_shown_before_it_is_made(cast: Cast, as_: SignIn) -> None:
    client, url = as_(cast.coordinator), reverse("month_extend", kwargs={"pk": cast.month.pk})
    last_day = cast.space.last_day + dt.timedelta(days=9)
    data = {"last_day": last_day.isoformat(), "reason": "The autumn break", "stays": "on"}
    shown = client.post(url, {**data, "preview": "yes"}).content.decode()
    assert "9 days later than now" in shown
    assert "4 people in the space are told" in shown
    assert not Extension.objects.exists()
    assert client.post(url, data).status_code == 302
    assert "There is more time" in page(as_(cast.participant), "space", pk=cast.space.pk)
    asked = page(as_(cast.trainer), "month_extend", pk=cast.month.pk)
    assert "The autumn break" in asked
    assert "Yes, I stay" in asked
    assert "Yes, I stay" not in page(client, "month_extend", pk=cast.month.pk)


@pytest.mark.parametrize("days", [0, -3])
def test_a_shorter_month_is_refused_where_it_was_typed(days: int, cast: Cast, as_: SignIn) -> None:
    url = reverse("month_extend", kwargs={"pk": cast.month.pk})
    last_day = cast.space.last_day + dt.timedelta(days=days)
    response = as_(cast.trainer).post(url, {"last_day": last_day.isoformat(), "reason": "Shorter"})
    assert response.status_code == 400
    assert "must be later" in response.content.decode()


def test_the_trainers_yes_is_seen_by_everybody(cast: Cast, as_: SignIn) -> None:
    extension = actions.extend(
        month=cast.month,
        last_day=cast.space.last_day + dt.timedelta(days=7),
        reason="More",
        stays=True,
        by=cast.coordinator,
    )
    url = reverse("extension_answer", kwargs={"pk": cast.month.pk, "extension_pk": extension.pk})
    assert as_(cast.trainer).post(url, {"stays": "yes"}).status_code == 302
    assert "The trainer stays on hand." in page(as_(cast.participant), "space", pk=cast.space.pk)


def test_a_material_is_there_at_once_can_be_taken_away_and_put_back(
    cast: Cast, as_: SignIn, tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    trainer, participant = as_(cast.trainer), as_(cast.participant)
    url = reverse("month_materials", kwargs={"pk": cast.month.pk})
    sheet = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7")
    trainer.post(url, {"run": cast.run.pk, "title": "A sheet", "upload": sheet})
    material = Material.objects.get()
    assert "sheet.pdf" in page(participant, "month_materials", pk=cast.month.pk)
    assert "Add a material" not in page(participant, "month_materials", pk=cast.month.pk)
    kwargs = {"pk": cast.month.pk, "material_pk": material.pk}
    after = trainer.post(reverse("material_remove", kwargs=kwargs), follow=True).content.decode()
    assert "was taken away" in after
    assert "A sheet" not in page(participant, "month_materials", pk=cast.month.pk)
    trainer.post(reverse("material_restore", kwargs=kwargs))
    assert "A sheet" in page(participant, "month_materials", pk=cast.month.pk)


def test_a_material_is_a_link_or_a_file_and_not_both_or_neither(cast: Cast, as_: SignIn) -> None:
    url = reverse("month_materials", kwargs={"pk": cast.month.pk})
    both = {"link": "https://school.test/", "upload": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    for more in ({}, both):
        response = as_(cast.trainer).post(url, {"run": cast.run.pk, "title": "A sheet", **more})
        assert response.status_code == 400
        assert "either a link or a file" in response.content.decode()
    assert not Material.objects.exists()


def test_a_participant_tells_a_step_and_takes_it_back(cast: Cast, as_: SignIn) -> None:
    client, url = as_(cast.participant), reverse("month_tell", kwargs={"pk": cast.month.pk})
    client.post(url, {"step": "tried", "sentence": "An exit ticket."})
    assert "An exit ticket." in page(client, "month_steps", pk=cast.month.pk)
    empty = client.post(url, {"step": "shared", "sentence": ""}, follow=True)
    assert "One sentence is enough" in empty.content.decode()
    client.post(url, {"take_back": "tried"})
    assert "An exit ticket." not in page(client, "month_steps", pk=cast.month.pk)


def test_a_material_sent_twice_at_once_is_there_once(
    cast: Cast, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def sheet(content: bytes = b"one") -> SimpleUploadedFile:
        return SimpleUploadedFile("sheet.txt", content)

    for _ in range(2):
        add_material(run=cast.run, title="A page", link="https://school.test/", by=cast.trainer)
        add_material(run=cast.run, title="A sheet", upload=sheet(), by=cast.trainer)
    assert list(cast.run.materials.values_list("title", flat=True)) == ["A page", "A sheet"]
    add_material(run=cast.run, title="A sheet", upload=sheet(b"two"), by=cast.trainer)
    with clock.at(clock.now() + dt.timedelta(minutes=2)):
        add_material(run=cast.run, title="A page", link="https://school.test/", by=cast.trainer)
    assert cast.run.materials.count() == 4
