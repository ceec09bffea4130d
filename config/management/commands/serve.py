"""manage.py serve: the server of an installation."""

import errno
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from common import networks
from common.database import limit_statement_time


class Command(BaseCommand):
    help = (
        "Serves Aftercourse. With SQLite and no Redis it also does the jobs, so that this one process is "
        "the whole installation; otherwise run `manage.py jobs` beside it."
    )
    requires_system_checks = []
    """The settings refuse what is unsafe by themselves, and a server that restarts should be back at once."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on (8000)")
        both = parser.add_mutually_exclusive_group()
        both.add_argument(
            "--jobs", action="store_true", default=None, dest="jobs", help="do the jobs in this process"
        )
        both.add_argument("--no-jobs", action="store_false", dest="jobs", help="leave the jobs to others")

    def handle(self, *args: Any, host: str, port: int, jobs: bool | None, **options: Any) -> None:
        # Importing Daphne installs its event loop in the process, so only this command imports it.
        from config import server
        from config.asgi import application

        if settings.PROXY_FORGOTTEN:
            networks.warn_of_unknown_proxy()
        limit_statement_time()
        if server.is_embedded() and not server.lock_database():
            self.stderr.write(
                "Another `manage.py serve` runs on this SQLite database, which carries one. For several "
                "processes use PostgreSQL, and Redis or Valkey between them (docs/installation.md)."
            )
            sys.exit(2)
        self._with_jobs = server.is_embedded() if jobs is None else jobs
        serving = server.Server(application, host, port, self._report_address)
        server.serve(serving, server.JobsThread() if self._with_jobs else None)
        if serving.refusal is not None:
            self.stderr.write(_describe_refusal(serving.refusal, host, port))
            sys.exit(2)

    def _report_address(self, where: str) -> None:
        self.stdout.write(f"Aftercourse answers at {where}")
        if not self._with_jobs:
            self.stdout.write("It does no jobs: no mail leaves unless `manage.py jobs` runs beside it.")
        self.stdout.flush()


def _describe_refusal(refusal: BaseException, host: str, port: int) -> str:
    number = getattr(getattr(refusal, "socketError", None), "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is taken; choose another with --port."
    if number == errno.EACCES:
        return f"Port {port} may not be used by this user; choose one above 1023 with --port."
    return f"Cannot listen on {host}:{port}: {refusal}"
