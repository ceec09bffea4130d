"""Signing in is rate limited and slow on purpose; here each test starts anew, and passwords cost little."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_counted(settings):
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
