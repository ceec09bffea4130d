"""Who is signed in, and their session, in one statement.

Django asks for the session, finds in it who it belongs to, and asks for the user. Here a process remembers
whose session it was, asks for that user with the session beside them, and then lets the session say whether
that was right. What is remembered is only a guess: a session that has ended, that somebody else has signed in
with or whose user has another password is found out as ever.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from common.beside import Beside
from common.sessions import SessionStore, lasting, stored_key
from common.statements import statement
from community.people.models import User

MAX_REMEMBERED = 20_000
"""Sessions whose users a process remembers: about four megabytes."""

_fields = [field.attname for field in User._meta.concrete_fields]
beside = Beside()
"""What nearly every page asks of its reader, as it is when the request begins. The reader is given as an
`OuterRef` to the row of the user."""

_remembered: dict[str, int] = {}
"""The users of sessions, by the keys in their table."""


@statement(tuple)
def user_beside_session(person: int, session: str) -> QuerySet[Any, Any]:
    """What a session contains, all columns of a user, and what is loaded beside them."""
    text = lasting().filter(session_key=session).values("session_data")
    rows = User.objects.filter(pk=person).annotate(text=Subquery(text))
    rows, columns = beside.add(rows, OuterRef("pk"))
    return rows.values_list("text", *_fields, *columns)


def user_of(request: HttpRequest) -> User | AnonymousUser:
    """As Django's `get_user`: the user whose sign-in the session of this request is, or nobody."""
    session: Any = request.session
    key = stored_key(session.session_key) if session.session_key else ""
    person = _remembered.get(key)
    if person is not None and not session.is_loaded:
        text, *row = user_beside_session.first(person, key) or (None,)
        if text is not None:
            session.take(text)
            user = User.from_db(DEFAULT_DB_ALIAS, _fields, row[: len(_fields)])
            if _belongs_to(session, user):
                beside.hand_out(user, user, row[len(_fields) :])
                return user
    found = get_user(request)
    if isinstance(found, User):
        remember(session.session_key, found)
    return found


def remember(session_key: str, user: User) -> None:
    """Guess from now on that a session is this user's."""
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    _remembered[stored_key(session_key)] = user.pk


def _belongs_to(session: SessionStore, user: User) -> bool:
    """Whether a session is that of a sign-in of this user, who may still sign in, with this password."""
    return (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and user.is_active
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
