"""The socket of a real server: who gets one, what it delivers, and when it is closed."""

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from messaging.live import frames
from messaging.live.handshake import SOCKETS_PER_PERSON
from tests.site import Site
from tests.waiting import PATIENCE_SECONDS, wait_until

LAY = """
import json
from django.test import Client
from tests.cast import create_cast
cast = create_cast()
def sign_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
names = ["stranger", "awaiting", "participant", "another_participant", "trainer", "coordinator", "moderator"]
sessions = {cast.who(name).name: [sign_in(cast.who(name)) for _one in range(16)] for name in names}
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


class Installation:
    """A running installation with its cast, and sockets to it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.number, self.sessions = json.loads(site.manage("shell", "-v0", "-c", LAY).splitlines()[-1])
        self.room = f"room:{self.number}"

    def session(self, name: str) -> str:
        """A session of that person which no test used before."""
        return self.sessions[name].pop()

    def act(self, name: str, act: str) -> None:
        self.site.manage("shell", "-v0", "-c", ACT.format(name=name, act=act))

    def open(self, session: str | None, query: str = "", **more) -> ClientConnection:
        headers = {"Cookie": f"sessionid={session}"} if session else {}
        more.setdefault("origin", self.site.url)
        return connect(
            self.site.url.replace("http", "ws") + "/live/" + query,
            additional_headers=headers,
            open_timeout=PATIENCE_SECONDS,
            **more,
        )

    def gaps_repaired(self) -> float:
        """Entries that this server found by reconciling, so without a hint."""
        _status, text = self.ask("", "/metrics/")
        return float(text.partition("\naftercourse_live_gaps_repaired_total ")[2].partition("\n")[0])

    def ask(self, session: str, path: str, method: str = "GET", body: str | None = None):
        connection = http.client.HTTPConnection(self.site.url.partition("//")[2], timeout=PATIENCE_SECONDS)
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
def server(request: pytest.FixtureRequest) -> Iterator[Installation]:
    site = Site(request.param)
    site.start()
    yield Installation(site)
    site.stop()


def send(socket: ClientConnection, kind: str, **about) -> None:
    socket.send(json.dumps({"t": kind, **about}))


def receive(socket: ClientConnection, kind: str, seconds: float = PATIENCE_SECONDS) -> dict:
    """The next frame of this type; others before it are skipped."""
    until = time.monotonic() + seconds
    while True:
        frame = json.loads(socket.recv(timeout=max(0.01, until - time.monotonic())))
        if frame["t"] == kind:
            return frame


def close_code(socket: ClientConnection, seconds: float = PATIENCE_SECONDS) -> int:
    """The code with which the server closes this socket."""
    until = time.monotonic() + seconds
    try:
        while True:
            socket.recv(timeout=max(0.01, until - time.monotonic()))
    except ConnectionClosed as ended:
        return ended.rcvd.code


def receive_until_unknown(socket: ClientConnection, stream: str) -> list[dict]:
    """Every frame until the server ends a stream, and what it had sent by the answer to a ping after that."""
    received: list[dict] = []
    while {"t": "unknown", "s": stream} not in received:
        received.append(json.loads(socket.recv(timeout=PATIENCE_SECONDS)))
    send(socket, "ping")
    while received[-1]["t"] != "pong":
        received.append(json.loads(socket.recv(timeout=PATIENCE_SECONDS)))
    return received


def follow(socket: ClientConnection, stream: str, after: int = 0) -> None:
    send(socket, "follow", s=stream, after=after)


@pytest.mark.parametrize("origin", ["https://elsewhere.test", None, "null"])
def test_a_foreign_or_missing_origin_gets_no_socket_in_spite_of_the_cookie(server, origin):
    session = server.session("Petra Participant")
    with pytest.raises(InvalidStatus) as refused, server.open(session, origin=origin):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("session", [None, "nobody-has-this-session"])
def test_who_is_not_signed_in_gets_no_socket(server, session):
    with pytest.raises(InvalidStatus) as refused, server.open(session):
        pass
    assert refused.value.response.status_code == 403


def test_a_message_is_acknowledged_and_reaches_the_others_at_once(server):
    with (
        server.open(server.session("Petra Participant")) as petra,
        server.open(server.session("Tamara Trainer")) as tamara,
    ):
        for socket in (petra, tamara):
            receive(socket, "welcome")
            follow(socket, server.room)
            send(socket, "ping")
            receive(socket, "pong")  # so that both follow before anything is sent
        send(petra, "here", room=server.number, typing=True)
        assert receive(tamara, "here")["who"][0]["name"] == "Petra Participant"
        sent = str(uuid.uuid4())
        repaired = server.gaps_repaired()
        send(petra, "send", room=server.number, text="Good *day*", cid=sent)
        ack = receive(petra, "ack")
        while not (news := [one for one in receive(tamara, "entries")["e"] if one["n"] == ack["n"]]):
            pass
        assert server.gaps_repaired() == repaired, "it came by reconciling and not by a hint"
        assert news[0]["m"]["cid"] == sent
        assert news[0]["m"]["html"] == "<p>Good <em>day</em></p>"
        send(petra, "send", room=server.number, text="Good *day*", cid=sent)
        assert receive(petra, "ack")["n"] == ack["n"]


def test_a_message_posted_by_http_reaches_sockets_at_once(server):
    with server.open(server.session("Tamara Trainer")) as tamara:
        receive(tamara, "welcome")
        follow(tamara, server.room)
        session = server.session("Petra Participant")
        repaired = server.gaps_repaired()
        sent = uuid.uuid4()
        status, body = server.ask(session, "/spaces/1/room/", "POST", f"text=By+post&client_id={sent}")
        assert status == 200
        number = json.loads(body)["n"]
        while not any(one["n"] == number for one in receive(tamara, "entries")["e"]):
            pass
        assert server.gaps_repaired() == repaired, "it came by reconciling and not by a hint"


def test_reconnecting_delivers_everything_since_in_order(server):
    session = server.session("Petra Participant")
    with server.open(session) as petra:
        receive(petra, "welcome")
        numbers = []
        for number in range(20):
            send(petra, "send", room=server.number, text=f"Message {number}", cid=str(uuid.uuid4()))
            numbers.append(receive(petra, "ack")["n"])
    with server.open(session) as petra:
        receive(petra, "welcome")
        follow(petra, server.room, after=numbers[4])
        got = []
        while len(got) < 15:
            got += [entry["n"] for entry in receive(petra, "entries")["e"]]
        assert got == numbers[5:]


@pytest.mark.parametrize("stream", ["room:999999", "nothing:1", "room:x", "", None, "room:1", "person:2"])
def test_missing_and_forbidden_streams_get_the_same_answer(server, stream):
    with server.open(server.session("Sara Stranger")) as sara:
        assert receive(sara, "welcome")["person"] != 2
        follow(sara, stream)
        assert receive(sara, "unknown") == {"t": "unknown", "s": str(stream)}


def test_an_unknown_or_malformed_command_is_refused_and_the_socket_stays_open(server):
    with server.open(server.session("Sara Stranger")) as sara:
        receive(sara, "welcome")
        send(sara, "dance", cid="1")
        assert receive(sara, "no")["about"] == "dance"
        send(sara, "send", room="one", cid="2")
        assert receive(sara, "no")["cid"] == "2"
        send(sara, "ping")
        receive(sara, "pong")


def test_nothing_numbered_after_a_dismissal_reaches_the_dismissed(server):
    with (
        server.open(server.session("Pal Participant")) as pal,
        server.open(server.session("Petra Participant")) as petra,
    ):
        for socket in (pal, petra):
            receive(socket, "welcome")
            follow(socket, server.room)
        receive(pal, "entries")
        server.act("Pal Participant", "spaces.dismiss(space=space, user=user, by=SYSTEM)")
        send(petra, "send", room=server.number, text="Said after that", cid=str(uuid.uuid4()))
        receive(petra, "ack")
        heard = receive_until_unknown(pal, server.room)
        assert {"t": "unknown", "s": server.room} in heard
        assert "Said after that" not in json.dumps(heard)
        send(pal, "send", room=server.number, text="Still here", cid="c")
        assert receive(pal, "no")["cid"] == "c"
        follow(pal, server.room)
        assert receive(pal, "unknown")["s"] == server.room
    server.act("Pal Participant", "spaces.admit(space=space, user=user, role='participant', by=SYSTEM)")


def test_an_old_ticket_does_not_bring_a_dismissed_person_back(server):
    session, writer = server.session("Pal Participant"), server.session("Petra Participant")
    _status, page = server.ask(session, "/spaces/1/room/")
    ticket = page.partition('data-ticket="')[2].partition('"')[0]
    number = int(page.partition('data-last="')[2].partition('"')[0])
    assert ticket
    server.act("Pal Participant", "spaces.dismiss(space=space, user=user, by=SYSTEM)")
    server.ask(writer, "/spaces/1/room/", "POST", f"text=Said+after+that&client_id={uuid.uuid4()}")
    # In another process: no hint tells this server that the ticket is stale, the log does.
    with server.open(session, f"?t={ticket}&s={server.room},{number}") as pal:
        frames_of_pal = receive_until_unknown(pal, server.room)
    assert {"t": "unknown", "s": server.room} in frames_of_pal
    assert "Said after that" not in json.dumps(frames_of_pal)
    server.act("Pal Participant", "spaces.admit(space=space, user=user, role='participant', by=SYSTEM)")


def test_signing_out_closes_the_sockets_of_that_session_at_once(server):
    session = server.session("Petra Participant")
    with server.open(session) as out, server.open(server.session("Petra Participant")) as elsewhere:
        receive(out, "welcome")
        receive(elsewhere, "welcome")
        server.ask(session, "/account/logout/", "POST", "")
        assert close_code(out) == frames.CLOSE_ENDED
        send(elsewhere, "ping")
        receive(elsewhere, "pong")
    with pytest.raises(InvalidStatus), server.open(session):
        pass


def test_a_session_deleted_elsewhere_is_found_by_reconciling(server):
    session = server.session("Petra Participant")
    with server.open(session) as socket:
        receive(socket, "welcome")
        server.act(
            "Petra Participant",
            "from django.contrib.sessions.models import Session\n"
            "from common.sessions import stored_key\n"
            f"Session.objects.filter(session_key=stored_key('{session}')).delete()",
        )
        assert close_code(socket) == frames.CLOSE_ENDED


def test_suspending_an_account_closes_its_sockets(server):
    with server.open(server.session("Aron Awaiting")) as socket:
        receive(socket, "welcome")
        follow(socket, server.room)
        server.act("Aron Awaiting", "people.suspend(user=user)")
        assert close_code(socket) == frames.CLOSE_ENDED


def test_flooding_closes_the_socket(server):
    with server.open(server.session("Sara Stranger")) as sara:
        receive(sara, "welcome")
        for _word in range(200):
            try:
                send(sara, "ping")
            except ConnectionClosed:
                break
        assert close_code(sara) == frames.CLOSE_FLOOD


def test_a_message_that_is_no_command_closes_the_socket(server):
    with ExitStack() as sockets:
        opened = []
        for text in ("{", "[]", '"ping"', "{}", "1"):
            socket = sockets.enter_context(server.open(server.session("Mora Moderator")))
            receive(socket, "welcome")
            socket.send(text)
            opened.append(socket)
        assert [close_code(socket) for socket in opened] == [frames.CLOSE_FLOOD] * 5


def test_one_more_socket_than_a_person_may_have_is_closed(server):
    session = server.session("Cora Coordinator")
    with ExitStack() as open_lines:
        for _one in range(SOCKETS_PER_PERSON):
            receive(open_lines.enter_context(server.open(session)), "welcome")
        with server.open(session) as one_more:
            assert close_code(one_more) == frames.CLOSE_TOO_MANY


def test_polling_returns_the_same_entries(server):
    status, body = server.ask(
        server.session("Petra Participant"), f"/live/poll/?s={server.room},0&s=room:999999,0"
    )
    assert status == 200
    entries, unknown = json.loads(body)["frames"]
    numbers = [entry["n"] for entry in entries["e"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers
    assert unknown == {"t": "unknown", "s": "room:999999"}
    _status, body = server.ask(server.session("Sara Stranger"), f"/live/poll/?s={server.room},0")
    assert json.loads(body)["frames"] == [{"t": "unknown", "s": server.room}]


def test_a_mention_arrives_at_once_and_a_mark_and_a_reply_arrive_as_entries(server):
    with (
        server.open(server.session("Petra Participant")) as petra,
        server.open(server.session("Tamara Trainer")) as tamara,
    ):
        for socket in (petra, tamara):
            person = receive(socket, "welcome")["person"]
            follow(socket, server.room, 0)
        follow(tamara, f"person:{person}")
        send(petra, "send", room=server.number, cid=str(uuid.uuid4()), text="@Tamara Trainer, look")
        number = receive(petra, "ack")["n"]
        told = []
        while len(told) < 2:
            entries = receive(tamara, "entries")["e"]
            told += [one["m"]["to"] for one in entries if "m" in one and one["m"]["n"] == number]
            told += [one["line"] for one in entries if "mentioned you" in one.get("line", "")]
        assert [person] in told
        assert "Petra Participant mentioned you in the chat of “Formative assessment in practice”" in told
        send(tamara, "react", room=server.number, n=number, cid=str(uuid.uuid4()), mark="thanks", on=True)
        send(tamara, "send", room=server.number, cid=str(uuid.uuid4()), text="Yes", re=number)
        heard = []
        while len(heard) < 2:
            heard += [entry for entry in receive(petra, "entries")["e"] if entry["n"] > number]
        assert {entry["k"] for entry in heard} == {"message", "react"}
        marks = [entry["m"]["marks"] for entry in heard if "marks" in entry["m"]]
        assert marks == [{"thanks": [[person, "Tamara Trainer"]]}]
        assert [entry["m"]["re"]["words"] for entry in heard if "re" in entry["m"]] == [
            "@Tamara Trainer, look"
        ]
        server.act(
            "Tamara Trainer",
            "from messaging.chat.models import RoomMember\n"
            "from tests.cast import join, person\n"
            "for one in range(4): join(space, person(f'Reader {one}'))\n"
            "RoomMember.objects.filter(user__name__startswith='Reader').update(read_number=10_000)",
        )
        send(tamara, "read", room=server.number, n=number)

        def has_readers() -> bool:
            send(petra, "readers", room=server.number, cid=str(uuid.uuid4()))
            return bool(receive(petra, "readers")["r"])

        wait_until(has_readers, "Somebody who has read it", pause=0.3)
