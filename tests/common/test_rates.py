"""So much at once, so much a second after that, for each person."""

import pytest

from common import rates
from common.access import Refused
from common.rates import Rate


@pytest.fixture
def time(monkeypatch):
    """A clock of seconds that stands still until it is set."""
    seconds = [1_000.0]
    monkeypatch.setattr(rates, "monotonic", lambda: seconds[0])
    return seconds


def test_a_burst_is_allowed_and_then_what_time_gives_back(time):
    rate = Rate(burst=3, per_second=0.5)
    assert [rate.take(1) for _ in range(5)] == [True, True, True, False, False]
    assert rate.take(2), "another person has an allowance of their own"
    time[0] += 4
    assert [rate.take(1) for _ in range(3)] == [True, True, False]
    time[0] += 1_000
    assert [rate.take(1) for _ in range(4)] == [True, True, True, False]


def test_what_is_too_much_is_refused_and_not_counted(time):
    rate = Rate(burst=100, per_second=1)
    assert rate.take(1, 60)
    assert not rate.take(1, 60)
    assert rate.take(1, 40)


def test_nobody_is_refused_who_writes_as_people_do(time):
    for _ in range(100):
        rates.require_chat_pace(1)
        rates.require_pace(1, {"title": "A title", "text": "x" * 2_000})
        time[0] += 5


def test_a_script_is_refused_in_a_sentence(time):
    for _ in range(40):
        rates.require_chat_pace(1)
    with pytest.raises(Refused, match="more at once than anyone can read"):
        rates.require_chat_pace(1)
    for _ in range(30):
        rates.require_pace(1, {"text": "x"})
    with pytest.raises(Refused, match="more at once than anyone can read"):
        rates.require_pace(1, {"text": "x"})


def test_long_texts_have_a_limit_of_their_own(time):
    long = {"text": "x" * 20_000, "other": "x" * 60_000, "tried": True}
    for _ in range(6):
        rates.require_pace(1, long)
    with pytest.raises(Refused, match="more at once than anyone can read"):
        rates.require_pace(1, long)


def test_the_memory_does_not_grow_with_people(time, monkeypatch):
    monkeypatch.setattr(rates, "MAX_PEOPLE", 10)
    rate = Rate(burst=2, per_second=1)
    assert rate.take(0, 2)
    for person in range(1, 100):
        time[0] += 0.001
        rate.take(person)
    assert len(rate._left) <= 10
