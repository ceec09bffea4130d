"""Redis or Valkey is away: nobody notices, each process counts for itself."""

import logging
import socket

import pytest
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from django.urls import reverse

from config import cache as shared
from config.cache import SharedCache
from tests.servers import valkey_url
from tests.site import reserve_port


@pytest.fixture(autouse=True)
def _as_after_a_start(monkeypatch):
    monkeypatch.setattr(shared, "_retry_at", float("-inf"))
    monkeypatch.setattr(shared, "_logged_at", float("-inf"))


def use_everything(cache: SharedCache) -> None:
    cache.clear()
    assert cache.get("a") is None
    assert cache.add("a", [1], 60)
    assert not cache.add("a", [2], 60)
    assert cache.get("a") == [1]
    cache.set("n", 1, 60)
    assert cache.incr("n") == 2
    assert cache.touch("n", 60)
    assert cache.has_key("n")
    cache.set_many({"x": 1, "y": 2}, 60)
    assert cache.get_many(["x", "y"]) == {"x": 1, "y": 2}
    cache.delete_many(["x", "y"])
    assert cache.delete("n")
    assert cache.get("n", "gone") == "gone"


def test_every_operation_of_the_cache_has_a_fallback():
    own = {name for name, value in vars(RedisCache).items() if callable(value) and not name.startswith("_")}
    assert own - {"get_backend_timeout"} == set(shared.OPERATIONS)


def test_with_a_server_everything_is_there():
    use_everything(SharedCache(valkey_url(), {}))
    assert shared._retry_at == float("-inf"), "the server was asked"


def test_without_a_server_everything_is_in_memory_and_the_log_says_so_once(caplog):
    use_everything(SharedCache(f"redis://127.0.0.1:{reserve_port()}", {}))
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_somebody_signs_in_without_the_cache(cast, settings):
    address = f"redis://127.0.0.1:{reserve_port()}"
    settings.CACHES = {"default": {"BACKEND": "config.cache.SharedCache", "LOCATION": address}}
    cast.participant.set_password("a long enough one")
    cast.participant.save()
    form = {"login": cast.participant.email, "password": "a long enough one"}
    assert Client().post(reverse("account_login"), form).status_code == 302
    for name in ("account_request_login_code", "account_reset_password"):
        assert Client().post(reverse(name), {"email": cast.participant.email}).status_code == 302


def test_a_server_that_hangs_is_waited_for_once(monkeypatch):
    monkeypatch.setattr(shared, "TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cache = SharedCache(f"redis://127.0.0.1:{silent.getsockname()[1]}", {})
        for number in range(20):
            cache.set("n", number, 60)
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_server_that_is_back_is_used_again(monkeypatch):
    port = reserve_port()
    cache = SharedCache(f"redis://127.0.0.1:{port}", {})
    cache.set("a", 1, 60)
    cache._servers = [valkey_url()]
    del cache._cache
    assert cache.get("a") == 1, "from memory, for the next seconds"
    monkeypatch.setattr(shared, "_retry_at", float("-inf"))
    cache.clear()
    assert cache.get("a") is None
