"""Activates the reader's language and time zone for a request."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation  # noqa: TID251 the zone, not the time


class ReaderMiddleware:
    """Uses the language and time zone of the profile. Visitors get their browser's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            response = self.get_response(request)
        # Read again: the reader may have changed it or signed out in this request.
        response.headers["Content-Language"] = translation.get_language()
        return response
