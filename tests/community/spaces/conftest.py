import pytest


@pytest.fixture(autouse=True)
def memberships_agree() -> None:
    """After each test of this folder, rooms and memberships agree (checked by the fixture `cast`)."""
