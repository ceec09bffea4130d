"""Metrics of the sockets and of what is delivered over them."""

from prometheus_client import Counter, Gauge, Histogram

from common import clock
from common.metrics import LATENCY_BUCKETS_SECONDS, REGISTRY

SOCKETS = Gauge("aftercourse_live_sockets", "Open sockets.", registry=REGISTRY)
ROOMS = Gauge("aftercourse_live_rooms", "Streams followed by at least one socket here.", registry=REGISTRY)
DELIVERIES = Counter(
    "aftercourse_live_deliveries_total",
    "Entries delivered to sockets: one entry to thirty sockets counts thirty.",
    registry=REGISTRY,
)
WRITE_TO_READ = Histogram(
    "aftercourse_live_write_to_read_seconds",
    "From writing an entry until it was handed to every socket here that follows it.",
    buckets=LATENCY_BUCKETS_SECONDS,
    registry=REGISTRY,
)
GAPS_REPAIRED = Counter(
    "aftercourse_live_gaps_repaired_total",
    "Entries found by reconciling, whose hint was lost.",
    registry=REGISTRY,
)
SLOW_READERS_CLOSED = Counter(
    "aftercourse_live_slow_readers_closed_total",
    "Sockets closed because too much was pending.",
    registry=REGISTRY,
)
CLOSED = Counter(
    "aftercourse_live_closed_total",
    "Sockets closed by the server, by close code.",
    ["code"],
    registry=REGISTRY,
)
LAYER_RECONNECTS = Counter(
    "aftercourse_live_layer_reconnects_total",
    "Reconnections to the channel layer.",
    registry=REGISTRY,
)
REFUSED = Counter(
    "aftercourse_live_refused_total", "Handshakes refused, by reason.", ["reason"], registry=REGISTRY
)


def observe_delivery(written_at: float) -> None:
    """Record the delay of an entry written at this moment (seconds since the epoch), after it was delivered
    to every subscriber here.

    Once per entry and process, not per socket. A delay that a clock set back makes negative counts as 0: a
    shrinking sum would look like a restart.
    """
    WRITE_TO_READ.observe(max(0.0, clock.now().timestamp() - written_at))
