"""The metrics of the outbox, read from the database like those of the jobs."""

import logging
from collections.abc import Iterator

from django.db import DatabaseError
from django.db.models import Count, Q
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from common import clock
from common.errors import describe
from common.metrics import REGISTRY
from messaging.notifications.models import Mail

logger = logging.getLogger("aftercourse.mail")


class MailCollector(Collector):
    """Counts unsent mails at each scrape."""

    def describe(self) -> list[GaugeMetricFamily]:
        """The metric without values, so that registering takes no query."""
        return [_family()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metric, or nothing while the database is unavailable."""
        now = clock.now()
        try:
            # Each stands on a partial index of its own: all but a few mails were sent.
            counted = Mail.objects.waiting().aggregate(
                due=Count("pk", filter=Q(not_before__lte=now)),
                later=Count("pk", filter=Q(not_before__gt=now)),
            )
            given_up = Mail.objects.filter(given_up_at__isnull=False).values_list("give_up_reason")
            counted |= dict.fromkeys(map(str, Mail.GiveUpReason), 0)
            counted |= dict(given_up.order_by().annotate(Count("pk")))
        except DatabaseError as error:
            logger.warning("The metrics of mails could not be read: %s", describe(error))
            return
        family = _family()
        for state, count in counted.items():
            family.add_metric([state], count)
        yield family


def register() -> None:
    """Add the outbox to `/metrics/`."""
    REGISTRY.register(MailCollector())


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "aftercourse_mails_unsent", "Mails that were not sent, by why.", labels=["state"]
    )
