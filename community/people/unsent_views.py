"""The pages that give back what was typed into a form that was not accepted."""

import logging
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe

from common import database
from common.access import Refused
from common.errors import describe
from community.people import unsent
from community.people.invitations import is_local
from community.people.unsent import Unsent

logger = logging.getLogger("aftercourse")
RETRY_AFTER_SECONDS = 60
ENTRANCES = {"account_login", "account_request_login_code", "account_confirm_login_code", "account_signup"}
"""The pages of signing in, which somebody who is signed in has no use for."""


@require_safe
@never_cache
def unsent_form(request: HttpRequest) -> HttpResponse:
    """What the reader typed before their session ended, in a form to send it."""
    kept = unsent.kept_for(request)
    if kept is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    unsent.mark_shown(request)
    return render(request, "people/unsent.html", {"unsent": kept})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The response to a form whose token is stale or missing: the same form once more, with a new token.

    Somebody who has signed in in another tab meanwhile has no use for the form of signing in. What another
    site sent, or somebody else typed, is not shown.
    """
    if unsent.is_of_script(request):
        why = gettext("This page was open for too long. Reload it and try again.")
        return JsonResponse({"why": why}, status=403)
    is_own = not reason.startswith(("Origin", "Referer")) and (
        request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    )
    match = request.resolver_match
    if request.user.is_authenticated:
        if match is not None and match.url_name in ENTRANCES:
            return redirect(_next_path(request))
        if unsent.is_of_other(request):
            raise written_by_other()
    elif is_own and getattr(match and match.func, "login_required", True):
        answer = after_ended_session(request)
        if answer is not None:
            return answer
    return render(request, "403_csrf.html", {"unsent": unsent.read(request) if is_own else None}, status=403)


def after_ended_session(request: HttpRequest) -> HttpResponse | None:
    """The response to a form of a user whose session has ended: on to signing in, after which it is shown.
    What cannot be kept is shown at once. None if nothing was typed."""
    words = unsent.of_ended_session(request)
    if words is None:
        return None
    if unsent.keep(request, words):
        return redirect_to_login(reverse("unsent"))
    context = {"unsent": words, "writer": request.POST[unsent.WRITER_FIELD], "is_signed_out": True}
    return render(request, "people/unsent.html", context, status=403)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a refusal, with what was typed into the form that was refused."""
    context = {"exception": str(exception), "unsent": _own_words(request)}
    return render(request, "403.html", context, status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what does not exist for its reader (any more), with what they typed there."""
    return render(request, "404.html", {"unsent": _own_words(request)}, status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error of ours, with what was typed, in a form to send it again: 500, or 503 when nothing
    can be stored or the database is away.

    The database may be what is broken: nothing is read that the request does not have already. When not even
    the user is known, the texts are there to be copied.
    """
    error = sys.exc_info()[1]
    full, away = database.cannot_write(error), database.is_away(error)
    context: dict[str, Any] = {}
    try:
        words = _own_words(request)
        if words is not None:
            writer = getattr(request.user, "key", "") or request.POST.get(unsent.WRITER_FIELD, "")
            context = {"unsent": words, "csrf_token": get_token(request), "writer": writer}
    except Exception as broken:
        logger.warning("What was typed could not be shown again in its form (%s)", describe(broken))
        context = {"typed": unsent.texts_in(request)}
    page = render_to_string("500.html", context | {"is_full": full, "is_away": away})
    if full or away:
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return HttpResponse(page, status=500)


def _own_words(request: HttpRequest) -> Unsent | None:
    """What was typed into the form of this request, unless that was made for somebody else."""
    if request.method != "POST" or (request.user.is_authenticated and unsent.is_of_other(request)):
        return None
    return unsent.read(request)


def written_by_other() -> Refused:
    """The refusal of a form that was made for somebody else."""
    return Refused(
        gettext(
            "Someone else has signed in in this browser since you wrote this, so we didn’t send it "
            "in their name. Your text is still on the page where you typed it: go back there."
        )
    )


def _next_path(request: HttpRequest) -> str:
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if is_local(path) else settings.LOGIN_REDIRECT_URL
