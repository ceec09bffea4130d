"""Signing in is rate limited; reset the limits before each test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture(autouse=True)
def memberships_agree() -> None:
    """After each test of this folder, rooms and memberships agree (checked by the fixture `cast`)."""
