import pytest


@pytest.fixture(autouse=True)
def memberships_agree() -> None:
    """After each test of this folder room members agree with memberships (checked by the fixture `cast`)."""
