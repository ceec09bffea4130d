"""The registry of the Prometheus metrics of this process.

A metric is defined beside the code that counts it (`messaging/live/metrics.py`, `messaging/chat/metrics.py`,
`config/thread_pool.py`) and registers itself in `REGISTRY`, which `config.metrics` renders. A label is a code
or one of a few fixed words, never an id, a name, a text or an address: monitoring systems keep what they
scrape for years. docs/operations.md says what each metric means and when to alert.
"""

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.gc_collector import GCCollector

disable_created_metrics()  # a `_created` sample for each metric, which nothing uses

REGISTRY = CollectorRegistry(auto_describe=True)
"""A registry of our own, so that what a package registers globally at import is not shown."""
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

LATENCY_BUCKETS_SECONDS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
"""Bucket limits of every histogram of a duration."""
