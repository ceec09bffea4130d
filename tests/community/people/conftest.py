"""Signing in is rate limited; here each test starts anew."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture(autouse=True)
def memberships_agree() -> None:
    """After each test of this folder rooms hold what memberships say (checked by the fixture `cast`)."""
