"""Fresh tickets for the people of contenders.py. Runs in `manage.py shell`."""

import json
from pathlib import Path


def renew(file: str, room: int) -> None:
    """Write the room's last number, and a ticket for each of the people in the file by their session key, to
    the same file. The database knows only digests of the keys."""
    from community.people.models import User
    from messaging.live import ticket
    from messaging.models import Room

    listed = json.loads(Path(file).read_text())
    people = User.objects.in_bulk([each["person"] for each in listed])
    tickets = {}
    for each in listed:
        person = people[each["person"]]
        streams = {f"room:{room}": 0.0, f"person:{person.pk}": 0.0}
        tickets[each["session"]] = ticket.issue(person, each["session"], streams)
    last = Room.objects.get(pk=room).last_number
    Path(file).write_text(json.dumps({"last": last, "tickets": tickets}))
