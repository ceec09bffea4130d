"""Materials: adding, removing and restoring them, and who may have their files."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import clock, privacy
from followup.courses.models import Run
from followup.materials.actions import add_material
from followup.materials.models import Material
from followup.materials.queries import visible
from messaging.files.models import File
from tests.cast import Cast
from tests.messaging.files.made import picture

SignIn = Callable[..., Client]


def page(client: Client, name: str, **kwargs: int) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def address_of(name: str, run: Run, **more: int) -> str:
    return reverse(name, kwargs={"pk": run.pk, **more})


def test_a_material_is_there_at_once_and_can_be_removed_and_restored(
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
    assert "was removed" in after
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


@pytest.mark.parametrize(
    "link",
    [
        "ftp://school.test/a",
        "javascript:alert(1)",
        "https://bank.example@evil.example/",
        "tel:112",
    ],
)
def test_a_material_links_to_a_page_and_its_address_says_which(cast: Cast, as_: SignIn, link: str) -> None:
    url = reverse("month_materials", kwargs={"pk": cast.month.pk})
    response = as_(cast.trainer).post(url, {"run": cast.run.pk, "title": "A page", "link": link})
    assert response.status_code == 400
    assert not Material.objects.exists()


def test_adding_the_same_material_twice_is_idempotent(
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


def test_materials_can_wait_in_a_group_before_its_month_is_open(as_, cast):
    run = Run.objects.create(course=cast.course, starts_on=cast.run.starts_on, ends_on=cast.run.ends_on)
    client = as_(cast.coordinator)
    data = {"run": run.pk, "title": "Slides", "link": "https://school.test/slides"}
    client.post(address_of("run_materials", run), data)
    assert "Slides" in client.get(address_of("run_materials", run)).content.decode()
    response = client.post(
        address_of("run_material_remove", run, material_pk=run.materials.get().pk), follow=True
    )
    assert "was removed." in response.content.decode()
    client.post(address_of("run_material_restore", run, material_pk=run.materials.get().pk))
    assert run.materials.filter(removed_at=None).exists()


def test_an_evaluator_has_the_files_they_see_listed_before_the_month_is_open(as_, cast):
    run = Run.objects.create(course=cast.course, starts_on=cast.run.starts_on, ends_on=cast.run.ends_on)
    material = Material.objects.create(run=run, title="Slides", added_by=cast.trainer)
    assert visible(cast.evaluator, [material.pk]) == {material.pk}
    Material.objects.update(removed_at=material.added_at)
    assert visible(cast.evaluator, [material.pk]) == set()
    assert visible(cast.coordinator, [material.pk]) == {material.pk}


def test_a_persons_materials_are_exported_and_stay_without_their_name(cast: Cast) -> None:
    add_material(run=cast.run, title="A page", link="https://school.test/", by=cast.trainer)
    assert [one["title"] for one in privacy.export_for(cast.trainer)["materials"]["added"]] == ["A page"]
    privacy.erase(cast.trainer)
    assert Material.objects.get().added_by is None


def test_a_picture_among_the_materials_is_encoded_anew_and_a_broken_one_is_refused(
    cast: Cast, as_: SignIn
) -> None:
    client, url = as_(cast.trainer), reverse("month_materials", args=[cast.month.pk])
    sent = {"run": cast.run.pk, "title": "The board"}
    broken = SimpleUploadedFile("board.png", picture()[:40])
    page = client.post(url, {**sent, "upload": broken})
    assert page.status_code == 400
    assert "can’t be opened" in page.content.decode()
    assert not Material.objects.exists()
    for _ in range(2):
        client.post(url, {**sent, "upload": SimpleUploadedFile("board.png", picture())})
    file = File.objects.get()
    assert (file.name, file.content_type, file.thing_id) == (
        "board.jpg",
        "image/jpeg",
        Material.objects.get().pk,
    )
