"""What an installation tells of itself in numbers: counters, gauges and histograms of this one process.

Whoever does something counts it here, `metrics.DELIVERIES.inc(n)`; `config.metrics` shows it to who watches
over the installation. A label is a code or one of a few fixed words, never an id, a name, a text or an
address: what is counted is kept elsewhere, by others, for years. docs/operations.md says what each number
means and at what to wake up.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.gc_collector import GCCollector

from common import clock

disable_created_metrics()  # a line more for each, which nobody reads

REGISTRY = CollectorRegistry(auto_describe=True)
"""Ours alone: what a package counts for itself by importing it does not get in."""
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_DELAYS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

# The sockets and what goes over them
SOCKETS = Gauge("aftercourse_live_sockets", "Open sockets.", registry=REGISTRY)
ROOMS = Gauge("aftercourse_live_rooms", "Streams that some socket here follows.", registry=REGISTRY)
DELIVERIES = Counter(
    "aftercourse_live_deliveries_total",
    "Entries handed to sockets: one entry to thirty sockets is thirty.",
    registry=REGISTRY,
)
WRITE_TO_READ = Histogram(
    "aftercourse_live_write_to_read_seconds",
    "From the moment an entry was written to the moment all who follow it here were handed it.",
    buckets=_DELAYS,
    registry=REGISTRY,
)
GAPS_REPAIRED = Counter(
    "aftercourse_live_gaps_repaired_total",
    "Entries found by looking, of which no hint had told.",
    registry=REGISTRY,
)
SLOW_READERS_CLOSED = Counter(
    "aftercourse_live_slow_readers_closed_total",
    "Sockets closed because too much waited to be read.",
    registry=REGISTRY,
)
CLOSED = Counter(
    "aftercourse_live_closed_total", "Sockets closed by us, by code.", ["code"], registry=REGISTRY
)
LAYER_RECONNECTS = Counter(
    "aftercourse_live_layer_reconnects_total",
    "Times the line to the other processes broke and was taken up again.",
    registry=REGISTRY,
)
REFUSED = Counter(
    "aftercourse_live_refused_total", "Sockets not let in, by reason.", ["reason"], registry=REGISTRY
)

# What is written
ACCEPTED = Counter(
    "aftercourse_chat_accepted_total", "Messages and changes of them committed.", registry=REGISTRY
)
BATCH_SIZE = Histogram(
    "aftercourse_chat_batch_size",
    "Messages committed in one transaction.",
    buckets=_SIZES,
    registry=REGISTRY,
)
COMMIT = Histogram(
    "aftercourse_chat_commit_seconds",
    "From the beginning of a transaction with messages to the end of its commit.",
    buckets=_DELAYS,
    registry=REGISTRY,
)
CHAT_REFUSED = Counter(
    "aftercourse_chat_refused_total", "Messages not taken, by reason.", ["reason"], registry=REGISTRY
)

# What is asked for as a page
PAGES = Counter(
    "aftercourse_page_requests_total",
    "Requests by class of status; none where nobody waited for the answer.",
    ["status"],
    registry=REGISTRY,
)
PAGE = Histogram(
    "aftercourse_page_seconds",
    "From the moment a request was read, waiting for a thread included, to the end of its answer.",
    buckets=_DELAYS,
    registry=REGISTRY,
)


def handed_out(written_at: float) -> None:
    """An entry that was written then (seconds since 1970) is in the hands of all who follow it here.

    Once for each entry and process, and not for each socket. A clock that was set back counts as no delay:
    a sum that shrinks would look like a restart.
    """
    WRITE_TO_READ.observe(max(0.0, clock.now().timestamp() - written_at))
