"""A real server under which everything fails that can: its log says so, and not what people wrote."""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.site import Site
from tests.waiting import PATIENCE_SECONDS

LAY = """
import json
from django.test import Client
from tests.cast import create_cast
cast = create_cast()
client = Client()
client.force_login(cast.participant)
session = client.cookies["sessionid"].value
print(json.dumps([cast.space.pk, cast.space.room_id, session, cast.participant.name, cast.participant.email]))
"""
BREAK = """
from django.db import connection
with connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute(\"\"\"CREATE TRIGGER refuse BEFORE INSERT ON messaging_entry
            BEGIN SELECT json_extract('{}', NEW.text); END\"\"\")
    else:
        cursor.execute(\"\"\"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW.text; END $$\"\"\")
        cursor.execute(\"\"\"CREATE TRIGGER refuse BEFORE INSERT ON messaging_entry
            FOR EACH ROW EXECUTE FUNCTION refuse()\"\"\")
"""
"""From now on the database refuses every message with a sentence that quotes it."""
TEXT = "Zsófi cried in the lesson"
TICKET = "a-ticket-that-opens-a-door"


class Telling(Site):
    """An installation whose log is for programs."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_LOG": "json"}


class Talker:
    """One participant of it, with every way to say something."""

    def __init__(self, site: Site) -> None:
        self.site = site
        laid = json.loads(site.manage("shell", "-v0", "-c", LAY).splitlines()[-1])
        self.space, self.room, self.session, self.name, self.address = laid

    def open(self) -> ClientConnection:
        """A socket with a ticket that is none; the session lets it in."""
        return connect(
            f"{self.site.url.replace('http', 'ws')}/live/?t={TICKET}",
            additional_headers={"Cookie": f"sessionid={self.session}"},
            origin=Origin(self.site.url),
            open_timeout=PATIENCE_SECONDS,
        )

    def say(self, line: ClientConnection, word: str, **about: object) -> dict:
        """Say a word with an id and give what is answered to it."""
        said = {"t": word, "room": self.room, "cid": str(uuid.uuid4())} | about
        line.send(json.dumps(said))
        while True:
            heard = json.loads(line.recv(timeout=PATIENCE_SECONDS))
            if heard.get("cid") == said["cid"]:
                return heard

    def post(self, text: str) -> int:
        """The way without a script."""
        token = "t" * 32
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "text": text, "client_id": uuid.uuid4()})
        request = urllib.request.Request(
            f"{self.site.url}/spaces/{self.space}/room/",
            body.encode(),
            {"Cookie": f"sessionid={self.session}; csrftoken={token}", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code


def listen_to_the_end(line: ClientConnection) -> None:
    """Until the server ends it."""
    with suppress(ConnectionClosed):
        while True:
            line.recv(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def talker() -> Iterator[Talker]:
    site = Telling(os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite"))
    site.start()
    yield Talker(site)
    site.stop()


def test_whatever_fails_the_log_says_so_and_never_what_was_written(talker):
    with talker.open() as line:
        assert talker.say(line, "send", text=TEXT)["t"] == "ack"
        assert talker.say(line, "send", text=TEXT * 2000)["t"] == "no"
        assert talker.say(line, "send", text=TEXT, room="none")["t"] == "no"
        assert talker.say(line, "send", text=TEXT, cid=TEXT)["t"] == "no"
        assert talker.say(line, TEXT, text=TEXT)["t"] == "no"
        talker.site.manage("shell", "-v0", "-c", BREAK)
        assert talker.say(line, "send", text=TEXT)["t"] == "busy"
        assert talker.post(TEXT) >= 500
        line.send(f'{{"t": "send", "text": "{TEXT}')
        listen_to_the_end(line)
    with talker.open() as line:
        line.send(TEXT * 5000)
        listen_to_the_end(line)
    with talker.open() as line:
        line.socket.close()
    talker.site.stop()

    written = talker.site.log.read_text()
    told = [json.loads(one) for one in written.splitlines() if not one.startswith("Aftercourse answers at")]
    amiss = [one for one in told if one["level"] in ("WARNING", "ERROR")]
    assert {"aftercourse.chat", "django.request"} <= {one["logger"] for one in amiss}, (
        "both ways, and it was said"
    )
    assert any(re.search(r"SQLITE_ERROR|P0001", one.get("error", "")) for one in amiss)
    for secret in (
        TEXT,
        "Zs\\u00f3fi",
        TEXT[5:],
        TICKET,
        talker.session,
        talker.name,
        talker.address,
        "127.0.0.1",
    ):
        assert secret not in written
