"""A picture of oneself: chosen, seen by who shares a space, removed and restored."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import privacy
from community.people.models import User
from community.people.picture_actions import PICTURE
from messaging.files.models import File
from tests.cast import Cast
from tests.messaging.files.made import document, picture

PROFILE = reverse("profile")
CHOOSE, REMOVE, RESTORE = (reverse(f"picture_{what}") for what in ("choose", "remove", "restore"))


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def reader(cast: Cast, as_: Callable[..., Client]) -> Client:
    """The participant, who has chosen a picture that is wider than high."""
    client = as_(cast.participant)
    assert _choose(client).status_code == 302
    return client


def _choose(client: Client, name: str = "me.png", content: bytes | None = None):
    content = content or picture(size=(90, 60))
    return client.post(CHOOSE, {"picture": SimpleUploadedFile(name, content)})


def _picture_of(user: User) -> str:
    user.refresh_from_db()
    return reverse("picture", args=[user.picture, "small.webp"])


def test_of_a_picture_the_square_in_its_middle_is_kept(cast: Cast, reader: Client) -> None:
    file = File.objects.get(kind=PICTURE, thing_id=cast.participant.pk)
    assert (file.width, file.height) == (60, 60)
    assert _picture_of(cast.participant) in reader.get(PROFILE).text


def test_people_of_the_same_space_see_it_and_nobody_else(cast: Cast, reader: Client, as_: Callable) -> None:
    url = _picture_of(cast.participant)
    assert f'src="{url}"' in as_(cast.trainer).get(reverse("space_people", args=[cast.space.pk])).text
    for who in (cast.participant, cast.trainer, cast.another_participant, cast.coordinator):
        assert as_(who).head(url).status_code == 200
    for who in (cast.stranger, cast.other_coordinator):
        assert as_(who).head(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_another_picture_replaces_the_first(cast: Cast, reader: Client) -> None:
    before = _picture_of(cast.participant)
    _choose(reader)
    assert _picture_of(cast.participant) != before
    assert reader.head(before).status_code == 404
    assert File.objects.count() == 1


def test_a_removed_picture_is_seen_by_nobody_else_and_can_be_restored(
    cast: Cast, reader: Client, as_: Callable
) -> None:
    url = _picture_of(cast.participant)
    page = reader.post(REMOVE, follow=True)
    assert page.context["undo"]
    assert as_(cast.trainer).head(url).status_code == 404
    assert 'class="avatar avatar--picture' not in page.text
    reader.post(RESTORE, {"note": page.context["undo"]["note"]})
    assert as_(cast.trainer).head(url).status_code == 200
    assert _picture_of(cast.participant) == url


def test_nobody_restores_a_picture_of_another(cast: Cast, reader: Client, as_: Callable) -> None:
    note = reader.post(REMOVE, follow=True).context["undo"]["note"]
    as_(cast.trainer).post(RESTORE, {"note": note})
    assert not User.objects.filter(picture__isnull=False).exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("sheet.pdf", document()), ("me.png", picture()[:40])],
    ids=["document", "broken"],
)
def test_what_is_no_picture_is_refused_and_the_first_one_stays(
    cast: Cast, reader: Client, name: str, content: bytes
) -> None:
    before = _picture_of(cast.participant)
    _choose(reader, name, content)
    assert [str(each) for each in reader.get(PROFILE).context["messages"]]
    assert _picture_of(cast.participant) == before


def test_it_is_exported_and_erased(cast: Cast, reader: Client, as_: Callable) -> None:
    user = User.objects.get(pk=cast.participant.pk)
    file = File.objects.get(pk=user.picture)
    assert privacy.export_for(user)["people"]["picture"] == file.get_absolute_url()
    privacy.erase(user)
    user.refresh_from_db()
    assert user.picture is None
    assert not File.objects.filter(kind=PICTURE).exists()
    assert as_(cast.trainer).head(reverse("picture", args=[file.pk, "small.webp"])).status_code == 404
