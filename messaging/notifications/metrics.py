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
        waiting = Q(given_up_at=None)
        try:
            # The index `mail_unsent` serves it: all but a few mails were sent.
            counted = Mail.objects.filter(sent_at=None).aggregate(
                due=Count("pk", filter=waiting & Q(not_before__lte=clock.now())),
                later=Count("pk", filter=waiting & Q(not_before__gt=clock.now())),
                **{str(reason): Count("pk", filter=Q(give_up_reason=reason)) for reason in Mail.GiveUpReason},
            )
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
