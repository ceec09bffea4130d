"""Views that answer a form with a page, and a script of the page with JSON."""

from collections.abc import Callable
from functools import wraps
from typing import TypedDict

from django.http import HttpRequest, HttpResponse, JsonResponse

from common.access import Refused

View = Callable[..., HttpResponse]


class Refusal(TypedDict):
    """What a script gets, with status 403, for a refused action: the sentence for the person."""

    why: str


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script sent this; it asks for JSON."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def refuses_in_json(view: View) -> View:
    """Let a view respond to a refusal with `{"why": sentence}` with status 403 when a script asked."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            if wants_json(request):
                return JsonResponse(Refusal(why=str(refusal)), status=403)
            raise

    return wrapped
