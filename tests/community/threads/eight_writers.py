"""Eight threads post concurrently, each request twice. Run as a program; it prints the resulting numbers."""

import json
import sys
import threading
import uuid

import django

WRITERS = 8
EACH = 6


def main() -> None:
    """Lay the world, let everybody write at the same moment, and print what stands in the conversation."""
    django.setup()
    from community.threads.models import Reply, Thread
    from tests.cast import create_cast, join, person
    from tests.written import start

    cast = create_cast()
    thread = start(cast.space, cast.trainer)
    writers = [person(f"Writer {number}") for number in range(WRITERS)]
    for writer in writers:
        join(cast.space, writer)
    ready = threading.Barrier(2 * WRITERS)
    failures: list[str] = []
    ids = {writer.pk: [uuid.uuid4() for _ in range(EACH)] for writer in writers}
    threads = [
        threading.Thread(target=write, args=(ready, thread.pk, writer.pk, ids[writer.pk], failures))
        for writer in writers
        for _ in range(2)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    thread.refresh_from_db()
    numbers = list(Reply.objects.filter(thread=thread).order_by("number").values_list("number", flat=True))
    found = {
        "numbers": numbers,
        "last": thread.last_number,
        "started": Thread.objects.exclude(pk=thread.pk).count(),
        "failures": failures,
    }
    sys.stdout.write(json.dumps(found))


def write(
    ready: threading.Barrier, thread: int, writer: int, ids: list[uuid.UUID], failures: list[str]
) -> None:
    """Send each of the ids once, together with everybody else."""
    from django.db import connection

    from community.people.models import User
    from community.threads.models import Thread
    from tests.written import reply_to, start

    ready.wait()
    try:
        space = Thread.objects.get(pk=thread).space
        start(space, User.objects.get(pk=writer), client_id=ids[0])
        for one in ids:
            author = User.objects.get(pk=writer)
            reply_to(Thread.objects.get(pk=thread), author, f"{one}", client_id=one)
    except Exception as problem:
        failures.append(repr(problem))
    finally:
        connection.close()


if __name__ == "__main__":
    main()
