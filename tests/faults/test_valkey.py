"""Valkey carries hints between servers and nothing else: killed, emptied, frozen or idle, it delays messages
by three seconds at most and closes no socket."""

import asyncio
import statistics
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.faults.checker import check
from tests.faults.crowd import CSRF_TOKEN, Member, connected, delivery_delays, post_in_turn, settle
from tests.faults.scene import SEVERAL, Scene
from tests.faults.services import Valkey
from tests.faults.test_database import is_ready

MAX_DELAY_SECONDS = 3.0 + 1.5
"""Until everybody has received a message: one interval of reconciling, and what a busy machine adds."""
PASSWORD = "a long enough one"
GIVE_PASSWORD = f"""
from community.people.models import User
user = User.objects.get(pk={{person}})
user.set_password("{PASSWORD}")
user.save()
"""
pytestmark = pytest.mark.parametrize("scene", [SEVERAL], indirect=True)


def assert_only_delayed(scene: Scene, people: list[Member]) -> None:
    check(scene.site, people)
    assert not [code for member in people for code in member.close_codes], "a socket was lost"
    assert max(delivery_delays(people)) < MAX_DELAY_SECONDS
    assert scene.log().count("\n") < 500, "the servers flood their log"
    assert " ERROR aftercourse" not in scene.log()


@pytest.mark.parametrize("with_data", [True, False], ids=["with its data", "without its data"])
def test_valkey_is_killed_and_restarted(with_data: bool, scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 12, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(valkey.kill)
            await asyncio.sleep(3)
            if not with_data:
                valkey.delete_data()
            await asyncio.to_thread(valkey.start)
            await posting
            await settle(people)
            await asyncio.sleep(5)
            await assert_hints_work(people)

    asyncio.run(run())
    assert_only_delayed(scene, people)


def test_valkey_is_frozen(scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(6)

    async def run() -> None:
        async with connected(people):
            await post_in_turn(people, 2)
            valkey.freeze()
            try:
                await post_in_turn(people, 20, 0.25)
            finally:
                valkey.thaw()
            await post_in_turn(people, 2)
            await settle(people)
            await asyncio.sleep(5)
            await assert_hints_work(people)

    asyncio.run(run())
    assert_only_delayed(scene, people)


def test_an_idle_minute_breaks_no_connection(scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(6)
    for member in people:
        member.silence_timeout = 45

    async def run() -> None:
        async with connected(people):
            await asyncio.sleep(60)
            await assert_hints_work(people)

    asyncio.run(run())
    assert_only_delayed(scene, people)
    assert "broke" not in scene.log(), "the connection was idle, not broken"


def test_people_sign_in_without_valkey(scene: Scene, valkey: Valkey) -> None:
    scene.start()
    valkey.kill()
    person, _session, _membership = scene.template.people[1]
    _reader, session, _membership = scene.template.people[2]
    scene.site.manage("shell", "-v0", "-c", GIVE_PASSWORD.format(person=person))
    for server in scene.servers:
        for form in (
            {"login": "member.1@school.test", "password": PASSWORD},
            {"login": "member.1@school.test", "password": "not this one"},
        ):
            status = post_form(server.url + "/account/login/", form)
            assert status == (302 if form["password"] == PASSWORD else 200)
        assert post_form(server.url + "/account/login/code/", {"email": "member.1@school.test"}) == 302
        assert is_ready(server.url)
        assert status_of(server.url + "/", f"sessionid={session}") == 200


def post_form(url: str, form: dict[str, str]) -> int:
    """Post a form as a visitor; returns the status, redirects not followed."""
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": CSRF_TOKEN} | form).encode()
    return status_of(url, f"csrftoken={CSRF_TOKEN}", body)


def status_of(url: str, cookie: str, body: bytes | None = None) -> int:
    """The status of a request with a cookie."""
    opener = urllib.request.build_opener(NoRedirects)
    try:
        with opener.open(urllib.request.Request(url, body, {"Cookie": cookie}), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect as it is."""

    def redirect_request(self, *args: object) -> None:
        """Follow none."""


async def assert_hints_work(people: list[Member]) -> None:
    """Assert that messages are delivered by hints again and not by reconciling."""
    first = people[0].last
    await post_in_turn(people, 3, 0.1)
    await settle(people)
    acknowledged = {
        number: member.acknowledged_at[cid]
        for member in people
        for cid, number in member.acknowledged.items()
    }
    delays = [
        member.received_at[number] - at
        for member in people
        for number, at in acknowledged.items()
        if number > first
    ]
    assert statistics.median(delays) < 0.5
