"""How the pages of a space reach it: for who may know of it, and noting that a member has come in."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from community.people import drafts
from community.people.models import Draft
from community.spaces.actions import come_in
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in, as every view is that does not say it is public."""

    user: "User"


def space_or_404(request: MemberRequest, pk: int) -> Space:
    """The space, if its reader may know of it."""
    space = get_object_or_404(Space.objects.visible_to(request.user).select_related("institute"), pk=pk)
    come_in(space=space, user=request.user)
    return space


@dataclass(frozen=True)
class Drafted:
    """What the reader began to write in the form of this page, and when they left it.

    What is empty in the form (a box that is not ticked, a text that was taken out) is not in it.
    """

    initial: dict[str, Any]
    at: dt.datetime | None


def drafted(request: MemberRequest) -> Drafted:
    """The draft of this page's form, so that it is there again with and without JavaScript."""
    draft = Draft.objects.filter(user=request.user, place=request.path).first()
    return Drafted(draft.fields, draft.saved_at) if draft else Drafted({}, None)


def discards_draft(request: MemberRequest) -> bool:
    """Whether the reader pressed the button that throws the draft away; it is done then."""
    if "discard_draft" not in request.POST:
        return False
    drafts.drop(request.user, request.path)
    return True
