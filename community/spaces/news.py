"""Who may hear of what concerns a space as a whole or somebody in its room, and which spaces somebody may be
mailed about."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from common import visibility
from community.spaces.models import Space
from messaging.chat import mentions
from messaging.chat.serialize import author_of
from messaging.notifications import bell, pace

if TYPE_CHECKING:
    from community.people.models import User
    from messaging.chat.models import Entry


def register() -> None:
    """Say who may hear of which space and message, of which somebody may have mail, and how mentions are
    told."""
    visibility.register_visibility("space", visible)
    visibility.register_visibility("message", mentions.is_mentioned)
    pace.answer_for("space", places_of)
    mentions.tell_through(ByBell())


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these spaces that the person sees."""
    return set(Space.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def places_of(user: "User") -> list[pace.Place]:
    """The spaces the person is a member of, those of today first."""
    spaces = Space.objects.of_member(user).order_by("-opened_at", "-pk")
    return [pace.Place(one.scope, one.title, reverse("space", kwargs={"pk": one.pk})) for one in spaces]


class ByBell:
    """Who is mentioned in a room hears of it by the bell."""

    def hold(self, users: Collection["User"]) -> None:
        """Their bells."""
        bell.hold(users=users)

    def tell(self, message: "Entry", users: Collection["User"]) -> None:
        """One piece of news for each of them; what the message says is not in it."""
        space = Space.objects.get(room=message.room_id)
        path = f"{reverse('space_room', args=[space.pk])}?at={message.number}#message-{message.number}"
        bell.notify_many(
            users=users,
            key=f"mention:{message.pk}",
            kind="mention",
            thing=("message", message.pk),
            scope=space.scope,
            path=path,
            context={"space": space.title},
            by=author_of(message),
        )

    def seen(self, user: "User", messages: Collection[int]) -> None:
        """They have read it in the room."""
        bell.seen(user=user, things=[("message", pk) for pk in messages])

    def reconsider(self, messages: Collection[int]) -> None:
        """It was taken back, or is there again."""
        bell.reconsider(things=[("message", pk) for pk in messages])
