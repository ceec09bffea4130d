"""A second window in which a visitor is somebody else at the same time.

The windows of a browser share the cookies of a host, and so the sign-in. Under another name of the same
server they do not: on one's own machine `localhost` and `127.0.0.1`, elsewhere two names in
`AFTERCOURSE_HOSTS`. A link with a signed pass signs in there with one tap; the pass is made by a page of this
demo and lasts half a day.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.translation import get_language

from community.people.models import User
from community.spaces.models import Space
from followup.demo.people import person_of

PASS_SECONDS = 12 * 60 * 60
SALT = "demo-second-window"
LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "localhost", "[::1]": "localhost"}


class Pass(NamedTuple):
    """What the second window has from the first one: with which user one is to talk (0 with none, to pick a
    person there), and the language."""

    user: int
    language: str


def other_host(request: HttpRequest) -> str | None:
    """Another name, with the port, under which this server answers; None if it has only one."""
    host, port = split_domain_port(request.get_host())
    if host in LOOPBACK:
        names = [LOOPBACK[host]]
    else:
        names = [name for name in settings.ALLOWED_HOSTS if name not in LOOPBACK and name[0] not in ".*"]
    other = next((name for name in names if name != host), None)
    if other is None or not validate_host(other, settings.ALLOWED_HOSTS):
        return None
    return f"{other}:{port}" if port else other


def link_for(request: HttpRequest, *, to_talk: bool) -> str | None:
    """The link that opens the second window, to talk there with the user of this one, if that is a person of
    the demo, or to pick a person; None if the server has no other name."""
    host = other_host(request)
    if host is None:
        return None
    is_somebody = request.user.is_authenticated and person_of(request.user) is not None
    user = request.user.pk if to_talk and is_somebody else 0
    signed = signing.dumps(Pass(user, get_language() or settings.LANGUAGE_CODE), salt=SALT)
    return f"{request.scheme}://{host}{reverse('demo_second', args=[signed])}"


def read_pass(signed: str) -> Pass:
    """What stands in a pass. Raises `signing.BadSignature` for one that was forged or is too old."""
    return Pass(*signing.loads(signed, salt=SALT, max_age=PASS_SECONDS))


def space_of_both(one: User, other: User) -> Space | None:
    """The open space in which both are members that opened last."""
    shared = Space.objects.open().of_member(one) & Space.objects.open().of_member(other)
    return shared.order_by("-opened_at", "pk").first()
