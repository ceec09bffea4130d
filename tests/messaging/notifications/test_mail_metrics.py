"""What `/metrics/` says about mails that were not sent."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.metrics import REGISTRY
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db


def test_mails_that_were_not_sent_are_counted_by_why(post):
    now = clock.now()
    post("due one")
    post("due two")
    post("later", not_before=now + dt.timedelta(minutes=10))
    post("sent")
    post("refused")
    Mail.objects.filter(key="sent").update(sent_at=now)
    Mail.objects.filter(key="refused").update(given_up_at=now, give_up_reason=Mail.GiveUpReason.REFUSED)
    states = ("due", "later", "refused", "expired", "cancelled", "failed")
    counted = {
        state: REGISTRY.get_sample_value("aftercourse_mails_unsent", {"state": state}) for state in states
    }
    assert counted == {"due": 2, "later": 1, "refused": 1, "expired": 0, "cancelled": 0, "failed": 0}


def test_counting_them_does_not_read_the_mails_that_were_sent():
    with CaptureQueriesContext(connection) as queries:
        REGISTRY.get_sample_value("aftercourse_mails_unsent", {"state": "due"})
    both = [each["sql"] for each in queries if "messaging_mail" in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    plans = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in both:
            cursor.execute(f"{explain} {query}")
            plans.append(str(cursor.fetchall()))
    waiting, given_up = plans
    assert "mail_waiting_by_priority" in waiting
    assert "mail_given_up" in given_up
