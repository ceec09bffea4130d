"""The words of the socket that are about rooms."""

from community.people.models import User
from messaging.chat import words


def test_who_chose_meanwhile_not_to_be_seen_is_not_shown_by_an_open_socket(space, participant, monkeypatch):
    shown = []
    monkeypatch.setattr(words, "passing", lambda stream, frame: shown.append(stream))
    said = {"t": "here", "room": space.room_id}
    words.WORDS["here"](participant, said)
    User.objects.filter(pk=participant.pk).update(shows_presence=False)
    words.WORDS["here"](participant, said)
    assert shown == [f"room:{space.room_id}"]
