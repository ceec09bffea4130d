"""Whatever is killed, at whichever point: no mail is left out, and one is doubled only between the server's
yes and our commit, under the same Message-ID. Real processes, a real mail server, kill -9."""

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.forked import Forked
from tests.post_office import PostOffice, open_post_office
from tests.site import Site
from tests.waiting import PATIENCE_SECONDS

PEOPLE = 6
LAY = f"""
import datetime as dt
from zoneinfo import ZoneInfo
from common import clock
from messaging.notifications.models import Notification
from tests.cast import join, create_cast, person
from tests.written import ask, reply_to
noon = dt.datetime.combine(clock.today("UTC") - dt.timedelta(days=1), dt.time(12), ZoneInfo("UTC"))
with clock.at(noon):
    cast = create_cast()
    for number in range({PEOPLE}):
        reader = person(f"Reader {{number}}")
        join(cast.space, reader)
        for title in ("One", "Two"):
            reply_to(ask(cast.space, reader, title=title), cast.trainer)
Notification.objects.exclude(user__name__startswith="Reader").delete()
"""
STOPS_AT = """
import time
from messaging.jobs import loop
from messaging.notifications import delivery, digests, outbox
def stop(*args, **more):
    print("here", flush=True)
    time.sleep(600)
def after(function):
    def wrapped(*args, **more):
        function(*args, **more)
        stop()
    return wrapped
{stop}
loop.run_once()
"""
POINTS = {
    "before a digest": "digests.write_for = stop",
    "while its words are gathered": "digests._groups_of = stop",
    "when its row is written and its news not marked": "outbox.post_all = after(outbox.post_all)",
    "when all is written and not committed": "digests._Mails.post = after(digests._Mails.post)",
    "when the digest is committed": "digests.write_for = after(digests.write_for)",
    "before a mail is claimed": "delivery._claim = stop",
    "when a mail is claimed": "delivery._deliver = stop",
}
"""Where a worker stands when it is killed, and how it is brought to stand there."""
STATE = """
from messaging.notifications.models import Mail, Notification
print(Mail.objects.filter(sent_at=None).count(), Notification.objects.filter(mailed_at=None).count())
"""


class Laid:
    """An installation where six people have two pieces of news each since yesterday noon, to copy."""

    def __init__(self, database: str) -> None:
        site = Site(database)
        self.database = database
        site.manage("shell", "-c", LAY)
        self.folder, self.name = site.folder, site.name


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def laid(request: pytest.FixtureRequest) -> Laid:
    return Laid(request.param)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def site(post_office: PostOffice, laid: Laid) -> Site:
    return Site(laid.database, mail_url=post_office.url, prepared=laid)


def killed_at(point: str, site: Site) -> None:
    """A worker that comes as far as this point, and is killed there."""
    reading, writing = os.pipe()
    program = STOPS_AT.format(stop=POINTS[point])
    process = Forked("shell", "-v0", "-c", program, env=site.environment, stdout=writing, stderr=2)
    os.close(writing)
    with os.fdopen(reading) as printed:
        assert printed.readline() == "here\n"
        process.kill()
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL


def everybody_has_one(office: PostOffice) -> None:
    readers = Counter(mail["To"] for mail in office.mails)
    assert readers == {f"reader.{number}@school.test": 1 for number in range(PEOPLE)}
    for mail in office.mails:
        text = mail.get_body(("plain",)).get_content()
        assert "“One”" in text
        assert "“Two”" in text


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_worker_loses_no_mail_and_doubles_none(point, site, post_office):
    killed_at(point, site)
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    site.move_clock(minutes=6)
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    everybody_has_one(post_office)
    assert site.manage("shell", "-v0", "-c", STATE).split()[-2:] == ["0", "0"]


def test_two_workers_write_one_digest_per_reader_and_day(site, post_office):
    workers = [site.worker() for _ in range(2)]
    assert [each.wait(PATIENCE_SECONDS) for each in workers] == [0, 0]
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    everybody_has_one(post_office)


def test_a_worker_killed_before_it_commits_doubles_one_mail_under_one_message_id(site, post_office):
    post_office.kill_in_mid_delivery(site)
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    site.move_clock(minutes=6)
    assert site.worker().wait(PATIENCE_SECONDS) == 0
    assert len(post_office.mails) == PEOPLE + 1
    assert len({mail["Message-ID"] for mail in post_office.mails}) == PEOPLE
    assert {mail["To"] for mail in post_office.mails} == {f"reader.{n}@school.test" for n in range(PEOPLE)}
