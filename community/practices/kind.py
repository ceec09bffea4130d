"""What practices register with spaces: their tab."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from community.practices.unread import unread_practices
from community.spaces import frame
from community.spaces.faces import Tab
from community.spaces.models import Space


def register() -> None:
    """Every space has a tab of practices."""
    frame.register_tabs(_tabs)


def _tabs(request: HttpRequest, space: Space) -> list[Tab]:
    new = unread_practices(request.user, [space.pk]).get(space.pk, 0)
    return [Tab("space_practices", gettext("Practices"), reverse("space_practices", args=[space.pk]), new)]
