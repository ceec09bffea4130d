"""`manage.py mails`: what was not sent, without addresses, and sending it again."""

import pytest
from django.core.management import call_command

from common import clock
from messaging.notifications.models import Mail

pytestmark = pytest.mark.django_db

ADDRESS = "nora@school.test"


def mail(key, **more):
    usual = {"kind": "invitation", "address": ADDRESS, "language": "en", "subject": "Hello", "text": "A link"}
    return Mail.objects.create(key=key, **(usual | more))


def given_up(key, reason, **more):
    return mail(key, given_up_at=clock.now(), give_up_reason=reason, attempts=7, **more)


def output_of(capsys, *arguments):
    call_command("mails", *arguments)
    return capsys.readouterr().out


def test_it_lists_what_waits_and_what_was_given_up_without_addresses_and_texts(capsys):
    mail("sent", sent_at=clock.now())
    mail("waiting")
    refused = given_up("refused", "refused", last_error=f"SMTPRecipientsRefused: {ADDRESS}: 550")
    output = output_of(capsys)
    assert "waiting: 1" in output
    assert "refused: 1" in output
    assert f"{refused.pk}  invitation" in output
    assert "SMTPRecipientsRefused" in output
    assert ADDRESS not in output
    assert "A link" not in output
    assert ADDRESS in output_of(capsys, "--addresses")


def test_it_sends_again_what_may_still_be_sent(capsys):
    failed, waiting = given_up("1", "failed"), mail("2", attempts=3)
    cancelled, refused = given_up("3", "cancelled"), given_up("4", "refused")
    assert "again in the next round of jobs: 1." in output_of(capsys, "--again", str(failed.pk))
    refused.refresh_from_db()
    assert refused.given_up_at is not None
    assert "again in the next round of jobs: 3." in output_of(capsys, "--again")
    assert set(Mail.objects.waiting()) == {failed, waiting, refused}
    cancelled.refresh_from_db()
    assert cancelled.given_up_at is not None
