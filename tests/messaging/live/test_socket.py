"""The socket of a real server: who gets one, what it delivers, and when it ends."""

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from messaging.live import frames
from messaging.live.handshake import SOCKETS_PER_PERSON
from tests.site import Site

LAY = """
import json
from django.test import Client
from tests.cast import make_cast
cast = make_cast()
def sign_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
names = ["stranger", "awaiting", "participant", "another_participant", "trainer", "coordinator", "moderator"]
sessions = {cast.who(name).name: [sign_in(cast.who(name)) for _one in range(12)] for name in names}
print(json.dumps([cast.space.room_id, sessions]))
"""
ACT = """
from community.people.models import User
from community.spaces.models import Space
from community.spaces import actions as spaces
from community.people import actions as people
from common.access import SYSTEM
user = User.objects.get(name="{name}")
space = Space.objects.get()
{act}
"""


class Talk:
    """One installation with its cast, and sockets to it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.number, self.sessions = json.loads(site.manage("shell", "-v0", "-c", LAY).splitlines()[-1])
        self.room = f"room:{self.number}"

    def session(self, name: str) -> str:
        """A sign-in of that person which nobody used before."""
        return self.sessions[name].pop()

    def act(self, name: str, act: str) -> None:
        self.site.manage("shell", "-v0", "-c", ACT.format(name=name, act=act))

    def open(self, session: str | None, **more) -> ClientConnection:
        headers = {"Cookie": f"sessionid={session}"} if session else {}
        more.setdefault("origin", self.site.url)
        return connect(
            self.site.url.replace("http", "ws") + "/live/",
            additional_headers=headers,
            open_timeout=15,
            **more,
        )

    def ask(self, session: str, path: str, method: str = "GET", body: str | None = None):
        connection = http.client.HTTPConnection(self.site.url.partition("//")[2], timeout=15)
        token = "t" * 32
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    site = Site(request.param)
    site.start()
    yield Talk(site)
    site.stop()


def say(line: ClientConnection, word: str, **about) -> None:
    line.send(json.dumps({"t": word, **about}))


def hear(line: ClientConnection, word: str, seconds: float = 10) -> dict:
    """The next frame with this word; others before it are passed over."""
    until = time.monotonic() + seconds
    while True:
        frame = json.loads(line.recv(timeout=max(0.01, until - time.monotonic())))
        if frame["t"] == word:
            return frame


def ending(line: ClientConnection, seconds: float = 10) -> int:
    """With which code the server ends this line."""
    until = time.monotonic() + seconds
    try:
        while True:
            line.recv(timeout=max(0.01, until - time.monotonic()))
    except ConnectionClosed as ended:
        return ended.rcvd.code


def all_of(line: ClientConnection, quiet: float) -> list[dict]:
    """Every frame until nothing has come for so many seconds."""
    heard: list[dict] = []
    with suppress(TimeoutError):
        while True:
            heard.append(json.loads(line.recv(timeout=quiet)))
    return heard


def follow(line: ClientConnection, stream: str, after: int = 0) -> None:
    say(line, "follow", s=stream, after=after)


@pytest.mark.parametrize("origin", ["https://elsewhere.test", None, "null"])
def test_another_site_gets_no_socket_with_our_readers_cookie(talk, origin):
    session = talk.session("Petra Participant")
    with pytest.raises(InvalidStatus) as refused, talk.open(session, origin=origin):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("session", [None, "nobody-has-this-session"])
def test_who_is_not_signed_in_gets_no_socket(talk, session):
    with pytest.raises(InvalidStatus) as refused, talk.open(session):
        pass
    assert refused.value.response.status_code == 403


def test_a_message_is_acknowledged_and_reaches_the_others_at_once(talk):
    with (
        talk.open(talk.session("Petra Participant")) as petra,
        talk.open(talk.session("Tamara Trainer")) as tamara,
    ):
        for line in (petra, tamara):
            hear(line, "welcome")
            follow(line, talk.room)
            say(line, "ping")
            hear(line, "pong")  # so that each is there before anything is said
        say(petra, "here", room=talk.number, typing=True)
        assert hear(tamara, "here")["who"][0]["name"] == "Petra Participant"
        sent = str(uuid.uuid4())
        begun = time.monotonic()
        say(petra, "send", room=talk.number, text="Good *day*", cid=sent)
        ack = hear(petra, "ack")
        while not (news := [one for one in hear(tamara, "entries")["e"] if one["n"] == ack["n"]]):
            pass
        assert time.monotonic() - begun < 2, "it came by the sweep and not by the hint"
        assert news[0]["m"]["cid"] == sent
        assert news[0]["m"]["html"] == "<p>Good <em>day</em></p>"
        say(petra, "send", room=talk.number, text="Good *day*", cid=sent)
        assert hear(petra, "ack")["n"] == ack["n"]


def test_what_a_page_posts_reaches_sockets_at_once(talk):
    with talk.open(talk.session("Tamara Trainer")) as tamara:
        hear(tamara, "welcome")
        follow(tamara, talk.room)
        session = talk.session("Petra Participant")
        begun = time.monotonic()
        sent = uuid.uuid4()
        status, body = talk.ask(session, "/spaces/1/room/", "POST", f"text=By+post&client_id={sent}")
        assert status == 200
        number = json.loads(body)["n"]
        while not any(one["n"] == number for one in hear(tamara, "entries")["e"]):
            pass
        assert time.monotonic() - begun < 2, "it came by the sweep and not by the hint"


def test_who_comes_back_is_told_all_that_came_meanwhile_in_order(talk):
    session = talk.session("Petra Participant")
    with talk.open(session) as petra:
        hear(petra, "welcome")
        numbers = []
        for number in range(20):
            say(petra, "send", room=talk.number, text=f"Message {number}", cid=str(uuid.uuid4()))
            numbers.append(hear(petra, "ack")["n"])
    with talk.open(session) as petra:
        hear(petra, "welcome")
        follow(petra, talk.room, after=numbers[4])
        got = []
        while len(got) < 15:
            got += [entry["n"] for entry in hear(petra, "entries")["e"]]
        assert got == numbers[5:]


@pytest.mark.parametrize("stream", ["room:999999", "nothing:1", "room:x", "", None, "room:1", "person:2"])
def test_what_is_not_there_and_what_is_not_ones_own_are_both_unknown(talk, stream):
    with talk.open(talk.session("Sara Stranger")) as sara:
        assert hear(sara, "welcome")["person"] != 2
        follow(sara, stream)
        assert hear(sara, "unknown") == {"t": "unknown", "s": str(stream)}


def test_a_word_nobody_knows_is_refused_and_costs_nothing(talk):
    with talk.open(talk.session("Sara Stranger")) as sara:
        hear(sara, "welcome")
        say(sara, "dance", cid="1")
        assert hear(sara, "no")["about"] == "dance"
        say(sara, "send", room="one", cid="2")
        assert hear(sara, "no")["cid"] == "2"
        say(sara, "ping")
        hear(sara, "pong")


def test_who_is_removed_hears_of_nothing_after_it(talk):
    with (
        talk.open(talk.session("Pal Participant")) as pal,
        talk.open(talk.session("Petra Participant")) as petra,
    ):
        for line in (pal, petra):
            hear(line, "welcome")
            follow(line, talk.room)
        hear(pal, "entries")
        talk.act("Pal Participant", "spaces.dismiss(space=space, user=user, by=SYSTEM)")
        say(petra, "send", room=talk.number, text="Said after that", cid=str(uuid.uuid4()))
        hear(petra, "ack")
        heard = all_of(pal, 6)
        assert {"t": "unknown", "s": talk.room} in heard
        assert "Said after that" not in json.dumps(heard)
        say(pal, "send", room=talk.number, text="Still here", cid="c")
        assert hear(pal, "no")["cid"] == "c"
        follow(pal, talk.room)
        assert hear(pal, "unknown")["s"] == talk.room
    talk.act("Pal Participant", "spaces.admit(space=space, user=user, role='participant', by=SYSTEM)")


def test_signing_out_ends_the_sockets_of_that_session_at_once(talk):
    session = talk.session("Petra Participant")
    with talk.open(session) as out, talk.open(talk.session("Petra Participant")) as elsewhere:
        hear(out, "welcome")
        hear(elsewhere, "welcome")
        talk.ask(session, "/account/logout/", "POST", "")
        assert ending(out, 3) == frames.ENDED
        say(elsewhere, "ping")
        hear(elsewhere, "pong")
    with pytest.raises(InvalidStatus), talk.open(session):
        pass


def test_a_session_that_ended_elsewhere_is_found_by_the_sweep(talk):
    session = talk.session("Petra Participant")
    with talk.open(session) as line:
        hear(line, "welcome")
        talk.act(
            "Petra Participant",
            "from django.contrib.sessions.models import Session\n"
            f"Session.objects.filter(session_key='{session}').delete()",
        )
        assert ending(line, 8) == frames.ENDED


def test_a_suspended_account_hears_nothing_more(talk):
    with talk.open(talk.session("Aron Awaiting")) as line:
        hear(line, "welcome")
        follow(line, talk.room)
        talk.act("Aron Awaiting", "people.suspend(user=user)")
        assert ending(line, 8) == frames.ENDED


def test_a_flood_of_words_ends_the_socket(talk):
    with talk.open(talk.session("Sara Stranger")) as sara:
        hear(sara, "welcome")
        for _word in range(200):
            try:
                say(sara, "ping")
            except ConnectionClosed:
                break
        assert ending(sara) == frames.FLOOD


@pytest.mark.parametrize("text", ["{", "[]", '"ping"', "{}", "1"])
def test_what_is_no_word_ends_the_socket(talk, text):
    with talk.open(talk.session("Mora Moderator")) as line:
        hear(line, "welcome")
        line.send(text)
        assert ending(line) == frames.FLOOD


def test_nobody_has_more_sockets_than_tabs_one_may_need(talk):
    session = talk.session("Cora Coordinator")
    with ExitStack() as open_lines:
        for _one in range(SOCKETS_PER_PERSON):
            hear(open_lines.enter_context(talk.open(session)), "welcome")
        with talk.open(session) as one_more:
            assert ending(one_more) == frames.TOO_MANY


def test_without_a_socket_the_same_is_had_by_asking(talk):
    status, body = talk.ask(talk.session("Petra Participant"), f"/live/poll/?s={talk.room},0&s=room:999999,0")
    assert status == 200
    entries, unknown = json.loads(body)["frames"]
    numbers = [entry["n"] for entry in entries["e"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers
    assert unknown == {"t": "unknown", "s": "room:999999"}
    _status, body = talk.ask(talk.session("Sara Stranger"), f"/live/poll/?s={talk.room},0")
    assert json.loads(body)["frames"] == [{"t": "unknown", "s": talk.room}]


def test_who_is_mentioned_hears_it_at_once_and_a_mark_and_a_reply_come_as_entries(talk):
    with (
        talk.open(talk.session("Petra Participant")) as petra,
        talk.open(talk.session("Tamara Trainer")) as tamara,
    ):
        for line in (petra, tamara):
            person = hear(line, "welcome")["person"]
            follow(line, talk.room, 0)
        follow(tamara, f"person:{person}")
        say(petra, "send", room=talk.number, cid=str(uuid.uuid4()), text="@Tamara Trainer, look")
        number = hear(petra, "ack")["n"]
        told = []
        while len(told) < 2:
            entries = hear(tamara, "entries")["e"]
            told += [one["m"]["to"] for one in entries if "m" in one and one["m"]["n"] == number]
            told += [one["line"] for one in entries if "mentioned you" in one.get("line", "")]
        assert [person] in told
        assert "Petra Participant mentioned you in the room of “Formative assessment in practice”" in told
        say(tamara, "react", room=talk.number, n=number, cid=str(uuid.uuid4()), mark="thanks", on=True)
        say(tamara, "send", room=talk.number, cid=str(uuid.uuid4()), text="Yes", re=number)
        heard = []
        while len(heard) < 2:
            heard += [entry for entry in hear(petra, "entries")["e"] if entry["n"] > number]
        assert {entry["k"] for entry in heard} == {"message", "react"}
        marks = [entry["m"]["marks"] for entry in heard if "marks" in entry["m"]]
        assert marks == [{"thanks": [[person, "Tamara Trainer"]]}]
        assert [entry["m"]["re"]["words"] for entry in heard if "re" in entry["m"]] == [
            "@Tamara Trainer, look"
        ]
        talk.act(
            "Tamara Trainer",
            "from messaging.chat.models import RoomMember\n"
            "from tests.cast import join, person\n"
            "for one in range(4): join(space, person(f'Reader {one}'))\n"
            "RoomMember.objects.filter(user__name__startswith='Reader').update(read_number=10_000)",
        )
        say(tamara, "read", room=talk.number, n=number)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            say(petra, "readers", room=talk.number, cid=str(uuid.uuid4()))
            if hear(petra, "readers")["r"]:
                break
            time.sleep(0.3)
        else:
            raise AssertionError("nobody has read it")
