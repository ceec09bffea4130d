"""The reader's own language and time zone, for the length of a request."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation  # noqa: TID251 the zone, not the time


class ReaderMiddleware:
    """Speak the language of who is signed in, and show their clock. Visitors get their browser's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            response = self.get_response(request)
        # Asked anew: the reader may have changed it, or signed out, in this very request.
        response.headers["Content-Language"] = translation.get_language()
        return response
