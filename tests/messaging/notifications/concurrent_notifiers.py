"""Eight tell the same people at once, while those read. Run as a program; it says what their logs hold."""

import json
import sys
import threading

import django

TELLERS = 8
EACH = 5
READERS = 6


def main() -> None:
    """Lay the world, let everybody tell and read at the same moment, and print the logs."""
    django.setup()
    from community.people.models import User
    from messaging.notifications import bell
    from messaging.notifications.models import BellEntry, Notification
    from tests.cast import create_cast, join, person

    cast = create_cast()
    readers = [person(f"Reader {number}") for number in range(READERS)]
    for one in readers:
        join(cast.space, one)
    ready = threading.Barrier(TELLERS + 2)
    failures: list[str] = []
    at_once = [
        threading.Thread(target=tell, args=(ready, number, cast.space.pk, failures))
        for number in range(TELLERS)
    ]
    at_once += [threading.Thread(target=read, args=(ready, cast.space.pk, failures)) for _ in range(2)]
    for worker in at_once:
        worker.start()
    for worker in at_once:
        worker.join()
    told = TELLERS * EACH
    gapless, counted = list[bool](), list[int]()
    for one in readers:
        log = list(BellEntry.objects.filter(bell__user=one).order_by("number").values_list("number", "kind"))
        gapless.append([number for number, _kind in log] == list(range(1, len(log) + 1)))
        gapless.append([kind for _number, kind in log].count("new") == told)
        gapless.append(bell.state_of(one).number == len(log))
        bell.mark_all_seen(user=one)
        counted.append(bell.unseen_count(User.objects.get(pk=one.pk)))
    found = {
        "failures": failures,
        "told": [Notification.objects.filter(user=one).count() for one in readers] == [told] * READERS,
        "gapless": gapless,
        "counted": counted,
    }
    sys.stdout.write(json.dumps(found))


def readers_in(order: int) -> list:
    """The readers, each teller's in another order."""
    from community.people.models import User

    readers = list(User.objects.filter(name__startswith="Reader").order_by("pk"))
    return readers[order % READERS :] + readers[: order % READERS]


def tell(ready: threading.Barrier, teller: int, space: int, failures: list[str]) -> None:
    """Tell everybody several things, half of them twice."""
    from django.db import connection

    from messaging.notifications import bell

    ready.wait()
    try:
        for number in [*range(EACH), 0, 1]:
            bell.notify_many(
                users=readers_in(teller),
                key=f"closed:{teller}:{number}",
                kind="closed",
                thing=("space", space),
                scope=f"space:{space}",
                path="/",
                context={"title": "A month"},
                is_new=number >= 2,  # told once
            )
    except Exception as problem:
        failures.append(repr(problem))
    finally:
        connection.close()


def read(ready: threading.Barrier, space: int, failures: list[str]) -> None:
    """Open the thing again and again."""
    from django.db import connection

    from messaging.notifications import bell

    ready.wait()
    try:
        for number in range(EACH):
            for one in readers_in(number):
                bell.mark_seen(user=one, things=[("space", space)])
    except Exception as problem:
        failures.append(repr(problem))
    finally:
        connection.close()


if __name__ == "__main__":
    main()
