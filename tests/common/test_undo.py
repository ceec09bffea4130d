"""Notes that undo a removal: for one owner, for ten minutes, and without names."""

import base64
import datetime as dt

import pytest

from common import clock, undo
from tests.cast import join, person


def test_a_note_is_refused_by_another_owner_of_the_same_kind(institute, other_institute):
    note = undo.create_token("staff", institute, user_id=7, role="office")
    assert undo.read_token("staff", institute, note) == {"user_id": 7, "role": "office"}
    assert undo.read_token("staff", other_institute, note) is None
    assert undo.read_token("trainer", institute, note) is None


def test_a_note_is_refused_after_ten_minutes(institute):
    note = undo.create_token("staff", institute, user_id=7)
    with clock.at(clock.now() + dt.timedelta(minutes=10)):
        assert undo.read_token("staff", institute, note) is None


@pytest.mark.parametrize("written", ["", "made:up", "a:b:c"])
def test_a_forged_note_is_refused(institute, written):
    assert undo.read_token("staff", institute, written) is None


def test_the_url_after_a_removal_names_nobody(as_, cast):
    join(cast.space, person("Tibor Trainer"), role="trainer")
    client = as_(cast.coordinator)
    response = client.post(f"/runs/{cast.run.pk}/trainers/{cast.trainer.pk}/remove/")
    note = response.headers["Location"].partition("?undo=")[2].partition(":")[0]
    held = base64.urlsafe_b64decode(note + "=" * (-len(note) % 4)).decode()
    assert cast.trainer.name.split()[0] not in held
    page = client.get(response.headers["Location"]).content.decode()
    assert f"{cast.trainer.name} was removed." in page
