"""Fresh tickets for the people of contenders.py. Runs in `manage.py shell`."""

import json
from pathlib import Path


def renew(file: str, room: int, count: int) -> None:
    """Write the room's last number and a ticket for each of its first members, by session key, to a file."""
    from django.contrib.sessions.models import Session

    from community.people.models import User
    from messaging.live import ticket
    from messaging.models import Room, RoomMember

    members = RoomMember.objects.filter(room=room).order_by("pk")[:count]
    people = User.objects.in_bulk([member.user_id for member in members])
    tickets = {}
    for session in Session.objects.all():
        person = people.get(int(session.get_decoded()["_auth_user_id"]))
        if person is not None:
            streams = {f"room:{room}": 0.0, f"person:{person.pk}": 0.0}
            tickets[session.session_key] = ticket.issue(person, session.session_key, streams)
    last = Room.objects.get(pk=room).last_number
    Path(file).write_text(json.dumps({"last": last, "tickets": tickets}))
