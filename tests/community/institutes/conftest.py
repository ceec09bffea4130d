import pytest


@pytest.fixture(autouse=True)
def memberships_agree() -> None:
    """After each test of this folder rooms hold what memberships say (checked by the fixture `cast`)."""
