"""The metrics of the jobs. They are read from the database, because the process that is scraped may not be
the one that runs the jobs."""

import datetime as dt
import logging
from collections.abc import Iterator

from django.db import DatabaseError
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from common import clock
from common.errors import describe
from common.metrics import REGISTRY
from messaging.jobs import loop
from messaging.jobs.models import Failure, SweepStatus

logger = logging.getLogger("aftercourse.jobs")


class JobsCollector(Collector):
    """Reads two small tables at each scrape."""

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without values, so that registering takes no query."""
        return list(_families().values())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics, or none of them while the database is unavailable."""
        try:
            failing = dict(Failure.objects.order_by().values_list("kind").annotate(Count("pk")))
            statuses = list(SweepStatus.objects.order_by("kind"))
        except DatabaseError as error:
            logger.warning("The metrics of the jobs could not be read: %s", describe(error))
            return
        families, now = _families(), clock.now()
        for kind in sorted({*failing, *(status.kind for status in statuses)}):
            families["failing_rows"].add_metric([kind], failing.get(kind, 0))
        for status in statuses:
            if status.heartbeat_at is None:
                continue
            families["interval_seconds"].add_metric([status.kind], loop.interval_of(status.kind))
            families["sweep_seconds"].add_metric([status.kind], status.seconds)
            families["last_run_timestamp_seconds"].add_metric([status.kind], status.heartbeat_at.timestamp())
            age = now - status.oldest_due_at if status.oldest_due_at else dt.timedelta(0)
            families["oldest_due_seconds"].add_metric([status.kind], max(0.0, age.total_seconds()))
            if status.succeeded_at is not None:
                families["last_success_timestamp_seconds"].add_metric(
                    [status.kind], status.succeeded_at.timestamp()
                )
        yield from families.values()


def register() -> None:
    """Add the jobs to `/metrics/`."""
    REGISTRY.register(JobsCollector())


def _families() -> dict[str, GaugeMetricFamily]:
    described = {
        "failing_rows": "Due rows whose last attempt failed.",
        "oldest_due_seconds": "For how long the oldest row that is left has been due.",
        "interval_seconds": "The interval between two runs of the sweep: its own, or that of the rounds.",
        "sweep_seconds": "How long the last sweep took.",
        "last_run_timestamp_seconds": "When the last sweep ended.",
        "last_success_timestamp_seconds": "When the last sweep ended that did not fail as a whole.",
    }
    return {
        name: GaugeMetricFamily(f"aftercourse_jobs_{name}", text, labels=["kind"])
        for name, text in described.items()
    }
