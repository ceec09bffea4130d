"""What an invitation leads to, so that its mail and its page can say it: the subjects that invite people
register how their pages are described, by the name of the page's URL.

It is looked up whenever it is said, so that an invitation that is renewed tells of the present trainers and
days.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from community.people.models import Invitation, User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Purpose(StrEnum):
    """Why somebody is invited."""

    FOLLOW_UP = "follow-up"
    TRAINING = "training"
    STAFF = "staff"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Destination:
    """What an invitation says of where it leads. The days are those of a follow-up that has begun."""

    purpose: Purpose = Purpose.OTHER
    institute: str = ""
    trainers: tuple[str, ...] = ()
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    role: "str | StrPromise" = ""
    is_over: bool = False


Describe = Callable[[User, Mapping[str, Any]], Destination | None]
"""Describes a page, given who is invited and the arguments of its URL."""
_registered: dict[str, Describe] = {}


def register(url_name: str, describe: Describe) -> None:
    """Register how the pages of a URL name are described."""
    _registered[url_name] = describe


def destination_of(invitation: Invitation) -> Destination:
    """What this invitation leads to; one that says nothing for a page that nobody describes."""
    try:
        page = resolve(urlsplit(invitation.next_path).path)
    except Resolver404:
        return Destination()
    describe = _registered.get(page.url_name or "")
    return (describe and describe(invitation.user, page.kwargs)) or Destination()
