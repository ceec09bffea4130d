"""Several workers on one outbox, and one that is killed with a mail in hand: real processes, real SMTP."""

import os
from collections.abc import Iterator

import pytest

from tests.post_office import PostOffice, open_post_office
from tests.site import Site
from tests.waiting import PATIENCE_SECONDS

POST = """
from messaging.notifications import outbox
for number in range({count}):
    outbox.post(key=f"mail:{{number}}", kind="account-code", user=None, address=f"p{{number}}@school.test",
                language="en", zone="UTC", context={{"code": number}})
"""
LEFT = """
from messaging.notifications.models import Mail
print(Mail.objects.filter(sent_at=None).count(), max(Mail.objects.values_list("attempts", flat=True)))
"""


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def site(post_office: PostOffice) -> Site:
    return Site(os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite"), mail_url=post_office.url)


def test_two_workers_send_each_mail_once(site, post_office):
    site.manage("shell", "-c", POST.format(count=40))
    workers = [site.worker(), site.worker()]
    assert [each.wait(PATIENCE_SECONDS) for each in workers] == [0, 0]
    addresses = sorted(mail["To"] for mail in post_office.mails)
    assert addresses == sorted(f"p{number}@school.test" for number in range(40))


def test_the_mail_of_a_killed_worker_is_sent_again_under_the_same_message_id(site, post_office):
    site.manage("shell", "-c", POST.format(count=1))
    post_office.kill_in_mid_delivery(site)

    assert site.worker().wait(PATIENCE_SECONDS) == 0
    assert len(post_office.mails) == 1, "the lease holds, so that nobody doubles what may still be going out"

    site.move_clock(minutes=6)
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    first, again = post_office.mails
    assert first["Message-ID"] == again["Message-ID"]
    assert site.manage("shell", "-c", LEFT).split()[-2:] == ["0", "2"]
