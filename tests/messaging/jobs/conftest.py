"""A loop with only the sweeps of a test."""

import pytest

from messaging.jobs import loop, status


@pytest.fixture
def only(monkeypatch):
    """`only(mail=sweep)` replaces all registered sweeps."""
    for name in ("_sweeps", "_retry_at"):
        monkeypatch.setattr(loop, name, {})
    monkeypatch.setattr(loop, "_succeeded", set())
    monkeypatch.setattr(status, "_reports", {})
    monkeypatch.setattr(status, "_changed", set())

    def replace(**sweeps):
        loop._sweeps.clear()
        for kind, run in sweeps.items():
            loop.register(kind, run)

    return replace
