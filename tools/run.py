"""`make run`: prepares what is not up to date and serves the demo.

python -m tools.run --port 8000    prepare and serve
python -m tools.run --reset     prepare, and reset the demo to its first day
"""

import hashlib
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from errno import EADDRINUSE
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STATIC_CODE = (
    "requirements/base.lock",
    "config/settings.py",
    "config/static_bundles.py",
    "common/bundles.py",
)
"""What decides how static files are collected, beside the files themselves."""


def main() -> int:
    """Prepare what is not up to date, then exec the server."""
    parser = ArgumentParser(prog="make run")
    parser.add_argument("--port", default="8000")
    parser.add_argument("--reset", action="store_true")
    arguments = parser.parse_args()
    if not arguments.reset and (problem := problem_with_port(arguments.port)):
        print(problem, file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("AFTERCOURSE_MODE", "demo")
    os.environ.setdefault("AFTERCOURSE_URL", f"http://localhost:{arguments.port}")
    prepare()
    seed_demo(reset=arguments.reset)
    if arguments.reset:
        log("It is as on its first day; a server that runs goes on with it.")
        return 0
    log(welcome(arguments.port))
    return exec_server(arguments.port)


def welcome(port: str) -> str:
    """What to open, and how to end it."""
    return f"""
  http://localhost:{port}/demo/   pick a person to be, or take the tour of five stops
  http://127.0.0.1:{port}/demo/   someone else at the same time, in a second window
  make demo                      back to its first day; Ctrl+C ends the server
"""


def exec_server(port: str) -> NoReturn:
    """Replace this process by the server, so that signals reach it."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "manage.py", "serve", "--port", port])


def problem_with_port(port: str) -> str | None:
    """Why the port cannot be used, in one sentence, or None."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT is a number from 1 to 65535, not {port!r}."
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, int(port)))
        except PermissionError:
            return f"Port {port} is not for everybody; choose a higher one: make run PORT=8080"
        except OSError as error:
            if error.errno == EADDRINUSE:
                other = 8080 if port == "8000" else int(port) % 65535 + 1
                return f"Port {port} is taken by another program; choose another one: make run PORT={other}"
    return None


def prepare() -> None:
    """Bring catalogues, database and static files up to date."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from tools import messages

    messages.compile_all()
    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        log("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
    collect_static()


def collect_static() -> None:
    """Collect static files, unless they are as they were the last time."""
    from django.conf import settings
    from django.core.management import call_command

    marker = Path(settings.STATIC_ROOT) / "collected-from"
    current_hash = hashlib.sha256("\n".join(static_sources()).encode()).hexdigest()
    if marker.exists() and marker.read_text() == current_hash:
        return
    log("Collecting style sheets, scripts and pictures")
    # Cleared first: collectstatic compares times, and keeps a file changed within the second or set back.
    call_command("collectstatic", clear=True, verbosity=0, interactive=False)
    marker.write_text(current_hash)


def static_sources() -> Iterator[str]:
    """What collected files depend on: ours as they are, the packages' by the lock that names them."""
    for name in STATIC_CODE:
        yield (ROOT / name).read_text()
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            yield f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def seed_demo(reset: bool) -> None:
    """Seed the demo if it is missing, or if it is of an earlier day and nobody wrote in it."""
    from django.core.management import call_command
    from django.db import connections

    call_command("demo", *(["--reset"] if reset else []))
    connections.close_all()


def log(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
