"""What is derived from a person's name."""

import pytest

from common.names import NAMELESS, initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nagy Anna", "NA"),
        ("Anna", "A"),
        ("Kis Béla (matek)", "KM"),
        ("— Nagy Anna 2.", "NA"),
        ("Żaneta Maria łąka", "ŻŁ"),
        (NAMELESS, NAMELESS),
        ("", ""),
    ],
)
def test_initials_are_letters(name, letters):
    assert initials(name) == letters
