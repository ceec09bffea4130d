"""An SMTP server for tests: it accepts mails, refuses chosen recipients, or never answers."""

import email
import email.policy
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.site import Site, reserve_port
from tests.waiting import PATIENCE_SECONDS


class PostOffice:
    """The mails it received, and which recipients it refuses."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.came = threading.Event()
        self.silent = False
        self.port = 0

    @property
    def url(self) -> str:
        """Its URL, as our settings read it."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address."""
        return [mail for mail in self.mails if mail["To"] == address]

    def kill_in_mid_delivery(self, site: Site) -> None:
        """Start a worker, and kill it when its first mail is accepted and it has not heard so."""
        self.silent = True
        worker = site.worker()
        assert self.came.wait(PATIENCE_SECONDS), "the worker has spoken to the mail server"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self.silent = False

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.came.set()
        if self.silent:
            # The mail is accepted, and the client never gets the answer.
            await server.loop.create_future()
        return "250 OK"


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def open_post_office(port: int = 0) -> Iterator[PostOffice]:
    """A mail server, on a port of its own unless one is given, for the length of a test."""
    office = PostOffice()
    office.port = port or reserve_port()
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
