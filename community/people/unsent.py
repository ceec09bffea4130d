"""What was typed into a form that was not accepted, because the session had ended or the page was too old.

It is shown once more, in a form that can be sent. Every form names who it was made for (`WRITER_FIELD`, added
by the template tag `csrf_token`), so that nothing is posted in another person's name, or shown to them, when
they sign in in the same browser.
"""

import datetime as dt
import re
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import clock, sources
from common.fields import SOURCE_SUFFIX
from community.people import limits
from community.people.models import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WRITER_FIELD = "writer"
"""The name of a form's hidden field with the key of the user it was made for."""
WRITER_HEADER = "X-Writer"
"""The same in requests of a page's script."""
SESSION_KEY = "unsent"
LIFETIME = dt.timedelta(hours=1)
"""How long a visitor's session keeps what was typed."""
MAX_KEPT_CHARS = 250_000
"""Of all fields together, to be kept in a session; the longest form but a pasted list has four texts of
`HTML_LIMIT_CHARS`."""
LONG_CHARS = 80
"""A longer value is shown in several lines."""

TEXTS: dict[str, "_StrPromise"] = {
    "text": _("Text"),
    "title": _("Title"),
    "name": _("Name"),
    "setting": _("Setting"),
    "context": _("Where and with whom"),
    "tried": _("What I tried"),
    "happened": _("What happened"),
    "change": _("What I would change"),
    "materials": _("What it needs"),
    "own_terms": _("Own terms"),
    "details": _("Anything that helps to decide"),
    "sentence": _("A sentence to the author"),
    "login": _("Email address"),
    "email": _("Email address"),
    "address": _("Email address"),
}
"""The fields that are typed whatever they contain, with their labels."""
SECRET = re.compile(r"password|^code$", re.I)
"""The names of fields whose values are not shown."""
CHOSEN = re.compile(
    r"|on|[\d.,:T+-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|[a-z][a-z0-9_-]*|[A-Z][A-Za-z]+/[A-Za-z_/]+"
)
"""Values that are chosen rather than typed, in other fields: numbers, dates, ids, keys, time zones."""
OWN_FIELDS = {"csrfmiddlewaretoken", WRITER_FIELD, "discard_draft"}
"""Fields that are not sent again: those of the form itself, and the button that would discard the text."""


@dataclass(frozen=True)
class Field:
    """One value of a form as it was sent."""

    name: str
    value: str

    @property
    def is_typed(self) -> bool:
        """Whether it is shown; other values are sent along unseen."""
        if self.name.endswith(SOURCE_SUFFIX):
            return False
        if self.name in TEXTS and self.value != "on":
            return bool(self.value)
        return not CHOSEN.fullmatch(self.value)

    @property
    def is_long(self) -> bool:
        """Whether it needs several lines."""
        return "\n" in self.words or len(self.words) > LONG_CHARS or sources.is_html(self.value)

    @property
    def words(self) -> str:
        """The value as it is shown: of a text of the editor its plain words."""
        return sources.plain_text_of(self.value)

    @property
    def source(self) -> str:
        """The name of the hidden field with a text of the editor, beside its words; empty without one."""
        return self.name + SOURCE_SUFFIX if sources.is_html(self.value) else ""

    @property
    def label(self) -> "str | _StrPromise":
        return TEXTS.get(self.name, _("What you typed"))


@dataclass(frozen=True)
class Unsent:
    """A form as it was sent: where to, its values in their order, and what cannot be sent again by itself."""

    path: str
    fields: list[Field]
    secrets: list[str]
    """Names of fields that have to be typed again."""
    files: list[tuple[str, str]]
    """Field and name of each file, which has to be chosen again."""

    @property
    def has_text(self) -> bool:
        """Whether anything of it was typed."""
        return any(field.is_typed for field in self.fields)

    @property
    def chars(self) -> int:
        """The length of all fields together."""
        return sum(len(field.name) + len(field.value) for field in self.fields)


def read(request: HttpRequest) -> Unsent | None:
    """The form in a POST; None for other requests and those of scripts. A pasted list may be long; the size
    of a request bounds it."""
    if request.method != "POST" or is_of_script(request):
        return None
    values = [(name, value) for name, values in request.POST.lists() for value in values]
    return Unsent(
        path=request.get_full_path(),
        fields=[
            Field(name, value.replace("\r\n", "\n"))
            for name, value in values
            if name not in OWN_FIELDS and not SECRET.search(name)
        ],
        secrets=[name for name in request.POST if SECRET.search(name)],
        files=[(name, file.name or "") for name, files in request.FILES.lists() for file in files],
    )


def texts_in(request: HttpRequest) -> list[str]:
    """The texts that came in a POST, for when nothing is known of who sent it but that this is the answer."""
    if request.method != "POST" or is_of_script(request):
        return []
    try:
        fields = request.POST.lists()
    except Exception:  # the form may be what failed
        return []
    typed = [each for each in fields if not SECRET.search(each[0]) and not each[0].endswith(SOURCE_SUFFIX)]
    found = [value for _name, values in typed for value in values]
    words = map(sources.plain_text_of, found)
    return [value for value in words if " " in value.strip() or "\n" in value.strip()]


def is_of_script(request: HttpRequest) -> bool:
    """Whether a page's script sent this request; it asks for JSON and keeps the text itself."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def is_of_other(request: HttpRequest) -> bool:
    """Whether this was sent from a page that was made for somebody else than the user who is signed in."""
    writer = request.headers.get(WRITER_HEADER, "")
    if not writer and request.method == "POST":
        writer = request.POST.get(WRITER_FIELD, "")
    return bool(writer) and writer != str(request.user.key)


def of_ended_session(request: HttpRequest) -> Unsent | None:
    """What a user typed whose session has ended; None if there is nothing."""
    unsent = read(request)
    if unsent is None or not unsent.has_text or not _is_user(request.POST.get(WRITER_FIELD, "")):
        return None
    return unsent


def keep(request: HttpRequest, unsent: Unsent) -> bool:
    """Keep what is `of_ended_session` in the visitor's session, until they sign in again.

    Returns whether it is kept: not when it is too long, nor too often. Visitors cannot fill the database with
    it: the form names its writer by a key that only their own pages contain, and few are kept for one writer.
    """
    writer = request.POST[WRITER_FIELD]
    if unsent.chars > MAX_KEPT_CHARS or not limits.consume("unsent", request, writer):
        return False
    kept = {**asdict(unsent), "writer": writer, "at": clock.now().isoformat(), "shown": False}
    request.session[SESSION_KEY] = kept
    request.session.set_expiry(LIFETIME)
    return True


def kept_for(request: HttpRequest) -> Unsent | None:
    """What the signed-in user typed before their session ended, or None."""
    kept: dict[str, Any] | None = request.session.get(SESSION_KEY)
    if kept is None or kept["writer"] != str(request.user.key):
        return None
    if dt.datetime.fromisoformat(kept["at"]) < clock.now() - LIFETIME:
        return None
    return Unsent(
        path=kept["path"],
        fields=[Field(**field) for field in kept["fields"]],
        secrets=kept["secrets"],
        files=[(field, name) for field, name in kept["files"]],
    )


def is_by(user: User, content: dict[str, Any]) -> bool:
    """Whether the content of a session has what this user typed."""
    return bool(content.get(SESSION_KEY, {}).get("writer") == str(user.key))


def waits(request: HttpRequest) -> bool:
    """Whether the signed-in user has not seen yet what is kept for them."""
    return not request.session.get(SESSION_KEY, {}).get("shown", True) and kept_for(request) is not None


def mark_shown(request: HttpRequest) -> None:
    """What is kept has been shown; its page stays for those who load it again."""
    request.session[SESSION_KEY] = request.session[SESSION_KEY] | {"shown": True}


def register() -> None:
    """Let a sign-in take over what the visitor's session has kept."""
    user_logged_in.connect(_take_over, dispatch_uid="unsent")


def _take_over(request: HttpRequest | None, user: User, **more: object) -> None:
    """The session lasts as long as any other from now on. It forgets what somebody else typed."""
    if request is None or SESSION_KEY not in request.session:
        return
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    if request.session[SESSION_KEY]["writer"] != str(user.key):
        del request.session[SESSION_KEY]


def _is_user(key: str) -> bool:
    try:
        return User.objects.filter(key=uuid.UUID(key), suspended_at=None).exists()
    except ValueError:
        return False
