"""Publishing to other processes while the channel layer is down."""

from messaging.live import publish


class StuckPool:
    """A pool that runs nothing."""

    def __init__(self):
        self.queued = []

    def submit(self, work, hint):
        self.queued.append((work, hint))


def test_pending_publications_are_bounded(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    pool = StuckPool()
    monkeypatch.setattr(publish, "_publisher", lambda: pool)
    monkeypatch.setattr(publish, "_capacity", publish.threading.BoundedSemaphore(3))
    for _time in range(10):
        publish.ephemeral({"s": "room:1", "gone": 1})
    assert len(pool.queued) == 3
    work, hint = pool.queued.pop()
    work(hint)
    publish.ephemeral({"s": "room:1", "gone": 1})
    assert len(pool.queued) == 3, "a publication that failed frees its place"
