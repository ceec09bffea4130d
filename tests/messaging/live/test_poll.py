"""Asking for what is new without a socket."""

import pytest
from django.urls import reverse


@pytest.mark.parametrize("asked", ["room:1,²", "room:1,", "room:1," + "9" * 5000, f"room:{'9' * 30},0", "x"])
def test_a_number_that_is_none_is_answered_as_unknown(as_, participant, asked):
    answer = as_(participant).get(reverse("live_poll"), {"s": asked})
    assert [frame["t"] for frame in answer.json()["frames"]] == ["unknown"]
