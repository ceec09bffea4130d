"""Garbage in cycles is collected by a timer, within a share of the time."""

import gc
import weakref

import pytest

from config import garbage
from config.garbage import Collector


class Cycle:
    """Garbage that only the collector frees."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _not_collected_otherwise():
    """The tests run with the collector disabled (tests/environment.py)."""
    gc.collect()
    assert not gc.isenabled()


def made() -> "weakref.ref[Cycle]":
    return weakref.ref(Cycle())


def test_what_is_young_is_collected_at_every_tick():
    cycle = made()
    Collector().collect()
    assert cycle() is None


def test_what_has_become_old_is_collected_too_within_a_share_of_the_time(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(garbage, "monotonic", lambda: now)
    collector = Collector()
    keeper = Cycle()
    old = weakref.ref(keeper)
    gc.collect(1)  # it survives, and is old
    del keeper
    collector.collect()
    assert old() is not None
    now += garbage.FULL_SECONDS
    collector.collect()
    assert old() is None


def test_a_long_collection_makes_the_next_one_wait_longer(monkeypatch):
    moments = iter([0.0, garbage.FULL_SECONDS, garbage.FULL_SECONDS + 2.0])
    monkeypatch.setattr(garbage, "monotonic", lambda: next(moments))
    collector = Collector()
    collector.collect()
    assert collector._full_at == garbage.FULL_SECONDS + 2.0 + 2.0 / garbage.FULL_SHARE
