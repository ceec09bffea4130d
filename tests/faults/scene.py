"""An installation with one room and its members: one process on SQLite, or two on PostgreSQL and Valkey. Made
once for each database and copied for each test."""

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
MEMBERS = 40
SETUP = f"""
import json
from django.test import Client
from community.institutes.models import Staff
from tests.cast import join, create_cast, person
cast = create_cast()
people = []
for number in range({MEMBERS}):
    user = person(f"Member {{number}}")
    membership = join(cast.space, user, role="trainer" if number == 0 else "participant")
    client = Client()
    client.force_login(user)
    people.append([user.pk, client.cookies["sessionid"].value, membership.pk])
first = people[0][0]
Staff.objects.create(institute=cast.institute, user_id=first, role=Staff.Role.COORDINATOR)
print(json.dumps([cast.space.pk, cast.space.room_id, people]))
"""


class Template:
    """An installation with one room of forty members, to copy. The first is a trainer and a coordinator."""

    def __init__(self, database: str) -> None:
        site = Site(database)
        self.folder, self.name = site.folder, site.name
        printed = site.manage("shell", "-v", "0", "-c", SETUP)
        self.space, self.room, self.people = json.loads(printed)


@functools.cache
def template(database: str) -> Template:
    """The template of a database, made once: that takes seconds, copying does not."""
    return Template(database)


class Scene:
    """A copy of the template, and its servers."""

    def __init__(self, form: str, redis_url: str = "") -> None:
        database = "postgres" if form == SEVERAL else "sqlite"
        self.template = template(database)
        self.site = Site(database, redis_url=redis_url, prepared=self.template)
        if database == "postgres":
            # The tests' PostgreSQL commits asynchronously to be fast; here acknowledged messages must
            # survive.
            with psycopg.connect(f"host={postgres().folder} user=postgres", autocommit=True) as connection:
                connection.execute(f'ALTER DATABASE "{self.site.name}" SET synchronous_commit = on')
        if form == SEVERAL:
            self.site.servers.append(Server(self.site, "--no-jobs"))

    @property
    def servers(self) -> list[Server]:
        """The server processes, running or not."""
        return self.site.servers

    def start(self, *fault: str, everywhere: bool = False) -> "Scene":
        """Start all servers; the first one, or every one, with a fault if one is named (see `served`)."""
        for server in self.servers if everywhere else self.servers[:1]:
            server.program = ("-m", "tests.faults.served", *fault) if fault else server.program
        for server in self.servers:
            server.start()
        return self

    def stop(self) -> None:
        """Kill all servers."""
        self.site.stop(signal.SIGKILL)

    def member(self, number: int, *addresses: str) -> Member:
        """A client for one of the forty, connecting to the servers in turn, or to these addresses."""
        user, session, _membership = self.template.people[number]
        urls = list(addresses) or [server.url for server in self.servers]
        first = number % len(urls)
        page_ticket = self.ticket_of(number)
        return Member(
            urls[first:] + urls[:first], user, session, self.template.room, self.template.space, page_ticket
        )

    def ticket_of(self, number: int) -> str:
        """A ticket as in the room's page."""
        user, session, _membership = self.template.people[number]
        reader = Person(user, f"Member {number}", session_digest(session), True, "en")
        return ticket.encode(reader, {f"room:{self.template.room}": 0})

    def people(self, count: int, *addresses: str) -> list[Member]:
        """Clients for the first `count` members."""
        return [self.member(number, *addresses) for number in range(count)]

    def log(self) -> str:
        """The log of the servers."""
        return self.site.log.read_text(errors="replace")


def memory_of(process: subprocess.Popen[bytes]) -> int:
    """The resident memory of a process in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])
