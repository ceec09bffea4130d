"""Mails that are claimed and checked together: what becomes of those that are not sent with their group."""

import pytest

from common import clock
from messaging.notifications import delivery, outbox
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db
NORMAL = {"priority": Mail.Priority.NORMAL, "kind": "account-password-changed"}


def test_mails_that_wait_too_long_after_they_were_checked_are_checked_again(smtp, post, monkeypatch):
    now, claimed = [0.0], []
    monkeypatch.setattr(delivery, "monotonic", lambda: now[0])
    claim, deliver = delivery._claim, delivery._deliver

    def slow(mail, server):
        now[0] += 2
        return deliver(mail, server)

    monkeypatch.setattr(delivery, "_claim", lambda ids: claimed.append(len(ids)) or claim(ids))
    monkeypatch.setattr(delivery, "_deliver", slow)
    for number in range(5):
        post(str(number), **NORMAL)
    assert delivery.sweep_mail() == 5
    assert claimed == [5, 2]
    assert set(Mail.objects.values_list("attempts", flat=True)) == {1}


def test_one_that_was_tried_before_and_a_code_are_claimed_alone(smtp, post, monkeypatch):
    for number in range(3):
        post(str(number), **NORMAL)
    post("code", priority=Mail.Priority.CODE)
    Mail.objects.filter(key="1").update(attempts=1)
    claim, claimed = delivery._claim, []
    monkeypatch.setattr(delivery, "_claim", lambda ids: claimed.append(ids) or claim(ids))
    assert delivery.sweep_mail() == 4
    keys = dict(Mail.objects.values_list("pk", "key"))
    assert [[keys[pk] for pk in ids] for ids in claimed] == [["code"], ["0"], ["1"], ["2"]]


def test_a_mail_that_cannot_be_checked_delays_those_claimed_with_it_by_one_sweep(smtp, post, monkeypatch):
    for number in range(4):
        post(str(number), **NORMAL)
    why_not = delivery._why_not

    def fail(mail):
        if mail.key == "1":
            raise KeyError
        return why_not(mail)

    monkeypatch.setattr(delivery, "_why_not", fail)
    for _ in range(2):
        with pytest.raises(KeyError):
            delivery.sweep_mail()
    delivery.sweep_mail()
    assert set(Mail.objects.filter(sent_at=None).values_list("key", flat=True)) == {"1"}
    assert Mail.objects.get(key="1").claimed_until > clock.now()
    assert len(smtp.mails) == 3


def test_mails_that_were_not_tried_are_released_also_when_an_administrator_has_them_sent_again(
    smtp, post, monkeypatch
):
    for number in range(3):
        post(str(number), **NORMAL)
    deliver = delivery._deliver

    def retry(mail, server):
        outbox.retry(Mail.objects.all())
        return deliver(mail, server)

    monkeypatch.setattr(delivery, "_deliver", retry)
    monkeypatch.setattr(delivery, "CHECK_LASTS_SECONDS", -1.0)
    assert delivery.sweep_mail() == 3
    assert len(smtp.mails) == 3


def test_a_mail_that_another_worker_has_claimed_since_is_not_released(smtp, post, monkeypatch):
    post("one", **NORMAL)
    post("other", **NORMAL)
    later = clock.now() + 2 * delivery.LEASE
    deliver = delivery._deliver

    def slow(mail, server):
        Mail.objects.filter(key="other").update(claimed_until=later, attempts=2)
        return deliver(mail, server)

    monkeypatch.setattr(delivery, "_deliver", slow)
    monkeypatch.setattr(delivery, "CHECK_LASTS_SECONDS", -1.0)
    assert delivery.sweep_mail() == 1
    assert Mail.objects.values_list("claimed_until", "attempts").get(key="other") == (later, 2)
