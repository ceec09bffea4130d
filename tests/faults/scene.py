"""A room with its people, ready for something to break: on SQLite in one process, or on PostgreSQL and Valkey
in two. Laid once for each database and copied for each test."""

import functools
import json
import signal
import subprocess
from pathlib import Path

import psycopg

from messaging.live import ticket
from messaging.live.ticket import Person, session_digest
from tests.faults.crowd import Member
from tests.servers import postgres
from tests.site import Server, Site

EMBEDDED = "one process on SQLite"
SEVERAL = "two on PostgreSQL and Valkey"
FORMS = (EMBEDDED, SEVERAL)
PEOPLE = 40
LAY = f"""
import json
from django.test import Client
from community.institutes.models import Staff
from tests.cast import join, make_cast, person
cast = make_cast()
people = []
for number in range({PEOPLE}):
    user = person(f"Member {{number}}")
    membership = join(cast.space, user, role="trainer" if number == 0 else "participant")
    client = Client()
    client.force_login(user)
    people.append([user.pk, client.cookies["sessionid"].value, membership.pk])
first = people[0][0]
Staff.objects.create(institute=cast.institute, user_id=first, role=Staff.Role.COORDINATOR)
print(json.dumps([cast.space.pk, cast.space.room_id, people]))
"""


class Laid:
    """An installation with one room of forty, to make others from. The first of them is a trainer
    and a coordinator."""

    def __init__(self, database: str) -> None:
        site = Site(database)
        self.folder, self.name = site.folder, site.name
        printed = site.manage("shell", "-v", "0", "-c", LAY)
        self.space, self.room, self.people = json.loads(printed)


@functools.cache
def laid(database: str) -> Laid:
    """Laying takes seconds, copying does not."""
    return Laid(database)


class Scene:
    """One copy of it, and its servers."""

    def __init__(self, form: str, redis_url: str = "") -> None:
        database = "postgres" if form == SEVERAL else "sqlite"
        self.laid = laid(database)
        self.site = Site(database, redis_url=redis_url, prepared=self.laid)
        if database == "postgres":
            # The server of the tests writes late to be fast; an acknowledged message must outlive it here.
            with psycopg.connect(f"host={postgres().folder} user=postgres", autocommit=True) as connection:
                connection.execute(f'ALTER DATABASE "{self.site.name}" SET synchronous_commit = on')
        if form == SEVERAL:
            self.site.servers.append(Server(self.site, "--no-jobs"))

    @property
    def servers(self) -> list[Server]:
        """The server processes, running or not."""
        return self.site.servers

    def start(self, *fault: str, everywhere: bool = False) -> "Scene":
        """Start all servers; the first one, or each, with a fault in it if one is named (see `served`)."""
        for server in self.servers if everywhere else self.servers[:1]:
            server.program = ("-m", "tests.faults.served", *fault) if fault else server.program
        for server in self.servers:
            server.start()
        return self

    def stop(self) -> None:
        """End all servers."""
        self.site.stop(signal.SIGKILL)

    def member(self, number: int, *addresses: str) -> Member:
        """One of the forty, coming in over the servers in turn, or where they are told."""
        user, session, _membership = self.laid.people[number]
        ways = list(addresses) or [server.url for server in self.servers]
        turn = number % len(ways)
        shown = self.ticket_of(number)
        return Member(ways[turn:] + ways[:turn], user, session, self.laid.room, self.laid.space, shown)

    def ticket_of(self, number: int) -> str:
        """A ticket as the room's page carries it."""
        user, session, _membership = self.laid.people[number]
        reader = Person(user, f"Member {number}", session_digest(session), True, "en")
        return ticket.encode(reader, {f"room:{self.laid.room}": 0})

    def people(self, count: int, *addresses: str) -> list[Member]:
        """The first so many of them."""
        return [self.member(number, *addresses) for number in range(count)]

    def log(self) -> str:
        """What the servers wrote."""
        return self.site.log.read_text(errors="replace")


def memory_of(process: subprocess.Popen[bytes]) -> int:
    """KiB of memory a process has in hand."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])
