"""What pictures may show is said once to each person."""

from django.urls import reverse

from community.people.models import User

DIALOG = reverse("picture_dialog")


def test_the_word_about_pupils_is_said_until_its_reader_goes_on(as_, participant, trainer):
    reader = as_(participant)
    assert "data-explains" in reader.get(DIALOG).content.decode()
    assert reader.post(DIALOG).status_code == 204
    assert "data-explains" not in reader.get(DIALOG).content.decode()
    assert "data-explains" in as_(trainer).get(DIALOG).content.decode()


def test_reading_it_again_does_not_move_the_moment(as_, participant):
    as_(participant).post(DIALOG)
    first = User.objects.get(pk=participant.pk).pictures_explained_at
    as_(participant).post(DIALOG)
    assert User.objects.get(pk=participant.pk).pictures_explained_at == first is not None
