"""How mentions in a room reach the bell, and who may be notified of them."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from common import visibility
from community.rooms.queries import message_path
from community.spaces.models import Space
from messaging.chat import mentions
from messaging.chat.serialize import author_of
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User
    from messaging.chat.models import Entry

KIND = "mention"
"""What notifications of mentions are about: a message (by its primary key), for who is mentioned in it."""


def register() -> None:
    """Register who may be notified of a mention, and how."""
    visibility.register_visibility(KIND, mentions.is_mentioned)
    mentions.set_notifier(MentionNews())


class MentionNews:
    """Notifies people of a mention through the bell."""

    def lock(self, users: Collection["User"]) -> None:
        """Lock their bells."""
        bell.lock_bells(users=users)

    def notify(self, message: "Entry", users: Collection["User"]) -> None:
        """One notification for each of them; it does not contain the text of the message."""
        space = Space.objects.get(room=message.room_id)
        bell.notify_many(
            users=users,
            key=f"mention:{message.pk}",
            kind="mention",
            thing=(KIND, message.pk),
            scope=space.scope,
            path=message_path(space.pk, message.number),
            context={"space": space.title},
            by=author_of(message),
        )

    def mark_seen(self, user: "User", messages: Collection[int]) -> None:
        """Mark the notifications of messages read in the room as seen."""
        bell.mark_seen(user=user, things=[(KIND, pk) for pk in messages])

    def recount(self, messages: Collection[int]) -> None:
        """Withdraw or restore notifications after messages were withdrawn or restored."""
        bell.recount(things=[(KIND, pk) for pk in messages])
