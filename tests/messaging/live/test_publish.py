"""The way out to other processes, when the line to them is down."""

from messaging.live import publish


class Stuck:
    """A publisher that gets nothing done."""

    def __init__(self):
        self.waiting = []

    def submit(self, work, hint):
        self.waiting.append((work, hint))


def test_hints_for_a_line_that_is_down_do_not_fill_the_memory(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    publisher = Stuck()
    monkeypatch.setattr(publish, "_publisher", lambda: publisher)
    monkeypatch.setattr(publish, "_capacity", publish.threading.BoundedSemaphore(3))
    for _time in range(10):
        publish.ephemeral({"s": "room:1", "gone": 1})
    assert len(publisher.waiting) == 3
    work, hint = publisher.waiting.pop()
    work(hint)
    publish.ephemeral({"s": "room:1", "gone": 1})
    assert len(publisher.waiting) == 3, "what has failed makes room"
