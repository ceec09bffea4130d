"""The token of a space, as pages read it."""

from community.spaces.models import Space
from community.unread.models import token_of


def token_in(space: Space) -> dict[int, int]:
    """The space with its token."""
    return dict(Space.objects.filter(pk=space.pk).values_list("pk", token_of()))
