"""Metrics of accepting messages."""

from prometheus_client import Counter, Histogram

from common.metrics import LATENCY_BUCKETS_SECONDS, REGISTRY

ACCEPTED = Counter("aftercourse_chat_accepted_total", "Messages committed.", registry=REGISTRY)
BATCH_SIZE = Histogram(
    "aftercourse_chat_batch_size",
    "Messages committed in one transaction.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    registry=REGISTRY,
)
COMMIT = Histogram(
    "aftercourse_chat_commit_seconds",
    "Duration of a transaction that inserts messages, commit included.",
    buckets=LATENCY_BUCKETS_SECONDS,
    registry=REGISTRY,
)
REFUSED = Counter(
    "aftercourse_chat_refused_total", "Messages not accepted, by reason.", ["reason"], registry=REGISTRY
)
