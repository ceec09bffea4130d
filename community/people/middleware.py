"""Activates the reader's language and time zone for a request, and sends visitors to sign in."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone, translation  # noqa: TID251 the zone, not the time
from django.utils.functional import SimpleLazyObject

from common.languages import language_for
from community.people import signed_in, unsent
from community.people.invitations import is_local
from community.people.unsent_views import after_ended_session, written_by_other

View = Callable[..., HttpResponseBase]


class AuthenticationMiddleware(auth.AuthenticationMiddleware):
    """Finds the user of a request together with its session (`people.signed_in`)."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`, which is asked for when it is read."""
        super().process_request(request)
        request.user = SimpleLazyObject(partial(signed_in.user_of, request))  # type: ignore[assignment]


class ReaderMiddleware:
    """Uses the language (`common.languages`) and time zone of the profile. Visitors get the language they
    chose, or their browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.LANGUAGE_CODE = language_for(request.user.language)
        translation.activate(request.LANGUAGE_CODE)
        with timezone.override(ZoneInfo(request.user.time_zone)):
            response = self.get_response(request)
        # Read again: the reader may have changed it or signed out in this request.
        response.headers["Content-Language"] = translation.get_language()
        return response


class SignInRequiredMiddleware(auth.LoginRequiredMiddleware):
    """Sends visitors to sign in, keeping what they typed, and refuses what was typed on a page that was made
    for somebody else (`people.unsent`)."""

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Let the view answer (None), or answer instead of it."""
        is_public = not getattr(view_func, "login_required", True)
        if not is_public and request.user.is_authenticated and unsent.is_of_other(request):
            if unsent.is_of_script(request):
                return super().handle_no_permission(request, view_func)
            raise written_by_other()
        if not is_public and request.method == "GET" and request.user.is_authenticated:
            # Whichever way somebody signed in, the first page shows what they had typed.
            is_waiting = unsent.waits(request) and request.path != reverse("unsent")
            if is_waiting and not unsent.is_of_script(request):
                return redirect("unsent")
        is_form = request.method not in ("GET", "HEAD")
        if not is_public and is_form and not (request.user.is_authenticated or unsent.is_of_script(request)):
            # To sign in, and from there to what was typed, or to where a GET is possible.
            return after_ended_session(request) or redirect_to_login(page_of(request))
        answer: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        return answer


def page_of(request: HttpRequest) -> str:
    """The path of the page with the form that was sent: the form's own may answer to POST only."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        page = urlsplit("")
    path = f"{page.path}?{page.query}" if page.query else page.path
    is_ours = page.netloc == request.get_host() and is_local(path)
    return path if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
