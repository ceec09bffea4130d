"""What a process tells of itself in numbers, and to whom."""

import datetime as dt
import re
from importlib import import_module

import pytest
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from common import clock
from common.metrics import REGISTRY
from config import http_protocol, thread_pool
from messaging.chat import metrics as chat_metrics
from messaging.live import metrics as live_metrics

pytestmark = pytest.mark.django_db
TOKEN = "seventeen-letters"
NAMES = """
aftercourse_live_sockets aftercourse_live_rooms aftercourse_live_deliveries_total
aftercourse_live_write_to_read_seconds_bucket aftercourse_live_gaps_repaired_total
aftercourse_live_slow_readers_closed_total aftercourse_live_layer_reconnects_total
aftercourse_chat_accepted_total aftercourse_chat_batch_size_bucket aftercourse_chat_commit_seconds_bucket
aftercourse_page_seconds_bucket process_resident_memory_bytes process_open_fds
""".split()
LABELS = {"code", "kind", "reason", "state", "status", "le", "generation"}


def samples(text: str) -> dict[str, list]:
    found: dict[str, list] = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            found.setdefault(each.name, []).append(each)
    return found


def test_every_metric_is_there_in_the_text_form_and_costs_four_queries(client, django_assert_num_queries):
    before = live_metrics.DELIVERIES._value.get()
    live_metrics.DELIVERIES.inc(30)
    with django_assert_num_queries(4):
        response = client.get(reverse("metrics"))
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in response["Cache-Control"]
    found = samples(response.content.decode())
    assert set(NAMES) <= set(found)
    assert found["aftercourse_live_deliveries_total"][0].value == before + 30


def test_labels_have_few_values(client):
    live_metrics.CLOSED.labels(4013).inc()
    live_metrics.REFUSED.labels("full").inc()
    chat_metrics.REFUSED.labels("closed").inc()
    for each in (
        one for some in samples(client.get(reverse("metrics")).content.decode()).values() for one in some
    ):
        if each.name != "python_info":
            assert set(each.labels) <= LABELS, each
            assert all(re.fullmatch(r"[a-z0-9_.+e-]{1,30}|\+Inf", value) for value in each.labels.values()), (
                each
            )


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.9"])
def test_without_a_token_a_loopback_address_may_read(client, address):
    assert client.get(reverse("metrics"), REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "10.0.0.1"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "localhost"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": ""},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_AUTHORIZATION": "Bearer ", "REMOTE_ADDR": "192.0.2.7"},
    ],
)
def test_without_a_token_everybody_else_gets_not_found(client, db, headers):
    assert client.get(reverse("metrics"), **headers).status_code == 404


def test_without_a_token_nobody_may_read_in_production(client, db, settings):
    """A proxy may pass on requests without a trace, and then everybody seems to be this machine."""
    settings.MODE = "production"
    assert client.get(reverse("metrics")).status_code == 404


@pytest.mark.parametrize("kind", ["Bearer", "bearer"])
def test_with_the_token_everybody_may_read(client, settings, kind):
    settings.MODE, settings.METRICS_TOKEN = "production", TOKEN
    headers = {
        "HTTP_AUTHORIZATION": f"{kind} {TOKEN}",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_X_FORWARDED_FOR": "x",
    }
    assert client.get(reverse("metrics"), **headers).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Basic {TOKEN}", "Bearer ñ"],
)
def test_with_a_token_configured_nobody_reads_without_it(client, db, settings, authorization):
    settings.METRICS_TOKEN = TOKEN
    headers = {"HTTP_AUTHORIZATION": authorization} if authorization else {}
    assert client.get(reverse("metrics"), **headers).status_code == 404


def test_metrics_accept_no_post(client):
    assert client.post(reverse("metrics")).status_code == 405


def test_a_negative_delay_counts_as_none():
    before = live_metrics.WRITE_TO_READ._sum.get()
    live_metrics.observe_delivery((clock.now() + dt.timedelta(hours=1)).timestamp())
    assert live_metrics.WRITE_TO_READ._sum.get() == before
    live_metrics.observe_delivery((clock.now() - dt.timedelta(seconds=2)).timestamp())
    assert 2 <= live_metrics.WRITE_TO_READ._sum.get() - before < 3


def test_the_operations_page_explains_every_metric():
    assert thread_pool.PAGES  # registered by importing its module
    assert http_protocol.REFUSED
    root = import_module("config.settings").BASE_DIR
    explained = set(re.findall(r"`(aftercourse_\w+)", (root / "docs/operations.md").read_text()))
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("aftercourse_")}
    assert {name.removesuffix("_total") for name in explained} == ours
