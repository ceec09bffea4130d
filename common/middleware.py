"""What reaches a view is text: a request with bytes that are none is refused, or they are left out."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import render

from common.fields import MAX_NUMBER

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
"""What any page of ours is asked with, and a piece of an upload. Which one answers, it says itself."""
REPLACEMENT = "\ufffd"
"""Stands in Django's `request.GET` and `request.POST` where bytes were not UTF-8."""


class CleanInputMiddleware:
    """The first to look at a request. Texts that people type are cleaned by the fields of forms
    (`common.fields`); this is about what no form is asked for: paths, queries, cookies, headers.

    Answers 400 with a page to NUL and to bytes that are not UTF-8 in the path, the query or the body of a
    form, since no link and no page of ours contains them. NUL in the fields of a form is left out: it comes
    with pasted text, which should not be lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        # A quoted cookie may contain any character; those of ours have none that cannot be printed.
        for name, value in list(request.COOKIES.items()):
            if not value.isprintable():
                del request.COOKIES[name]
        # A form in another encoding than its page could contain anything, halves of characters for example.
        if (request.encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            request.encoding = settings.DEFAULT_CHARSET
        if "*=" in request.META.get("HTTP_ACCEPT", ""):
            # A parameter with an encoding of its own (RFC 2231), which Django may fail to decode.
            del request.META["HTTP_ACCEPT"]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse what no page could mean, before any check of permissions reads it."""
        if (
            "\0" in request.path_info
            or _is_garbled(request.META["QUERY_STRING"])
            or _has_garbled_form(request)
        ):
            return render(request, "400.html", status=400)
        _leave_out_nul(request)
        for name, value in kwargs.items():
            if isinstance(value, int):
                # A larger number would be an error of the database; neither it nor this one names a row.
                kwargs[name] = min(value, MAX_NUMBER)
        return None


def _is_garbled(encoded: str | bytes) -> bool:
    """Whether percent-encoded text contains NUL or bytes that are not UTF-8."""
    decoded = unquote_to_bytes(encoded)
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return True
    return b"\0" in decoded


def _has_garbled_form(request: HttpRequest) -> bool:
    if request.content_type != "application/x-www-form-urlencoded":
        return False
    if request.body.isascii() and not any(REPLACEMENT in text for text in _texts(request.POST)):
        return False
    try:
        unquote_to_bytes(request.body).decode()
    except UnicodeDecodeError:
        return True
    return False


def _leave_out_nul(request: HttpRequest) -> None:
    if any("\0" in text for text in _texts(request.POST)):
        cleaned = QueryDict(mutable=True)
        for name, values in request.POST.lists():
            cleaned.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
        request.POST = cleaned  # type: ignore[assignment]


def _texts(form: QueryDict) -> list[str]:
    return [text for name, values in form.lists() for text in (name, *values)]
