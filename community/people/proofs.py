"""Proof of who sits in front of a session, before a change that would outlast it.

A session may have been left open in a staffroom. Whoever finds it may not make the account theirs: for
another address or a first password the present password is asked for, or a code from the present mailbox.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from common import clock
from community.people import limits
from community.people.models import User

View = Callable[..., HttpResponse]
PROOF_SECONDS = 10 * 60
"""How long a proof is good for."""
CODE_SECONDS = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
MAX_WRONG_CODES = 3
"""Then the code is void, and another one has to be sent."""
_PROVED_AT, _CODE = "proved_at", "proof_code"
"""Keys in the session. It ends with a sign-out, so both belong to the user who is signed in."""


def needs_proof(view: View) -> View:
    """Decorate a view that asks for proof first."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not is_proved(request):
            return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def is_proved(request: HttpRequest) -> bool:
    """Whether it was proved a short while ago."""
    return 0 <= clock.now().timestamp() - request.session.get(_PROVED_AT, 0) < PROOF_SECONDS


def prove(request: HttpRequest) -> None:
    """Note that it was proved now."""
    request.session.pop(_CODE, None)
    request.session[_PROVED_AT] = clock.now().timestamp()


def mailbox_of(user: User) -> str:
    """The verified address to which a code is mailed; empty if there is none."""
    address = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary").first()
    return address.email if address else ""


def send_code(request: HttpRequest) -> bool:
    """Mail a code to the present mailbox. Returns whether it may be: not without one, nor too often."""
    mailbox = mailbox_of(request.user)
    if not mailbox or not limits.consume("mail", request, mailbox):
        return False
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    request.session[_CODE] = {"code": code, "at": clock.now().timestamp(), "wrong": 0}
    adapter.send_mail("account/email/login_code", mailbox, {"code": code})
    return True


def expected_code(request: HttpRequest) -> str:
    """The code that was mailed and still works; empty if there is none."""
    state = request.session.get(_CODE)
    if not state or clock.now().timestamp() - state["at"] > CODE_SECONDS:
        return ""
    return str(state["code"])


def note_wrong_code(request: HttpRequest) -> None:
    """Count a wrong code; after a few the right one is void."""
    state = request.session.get(_CODE)
    if state is None:
        return
    state["wrong"] += 1
    if state["wrong"] >= MAX_WRONG_CODES:
        del request.session[_CODE]
    request.session.modified = True
