"""The language in which pages speak to their reader."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language

COOKIE_SECONDS = 60 * 60 * 24 * 365


def language_for(profile_language: str) -> str:
    """The language of the pages for a user: that of the profile, or in the demo the visitor's own.

    In the demo one visitor is many people, whose profiles are in five languages. There LocaleMiddleware has
    activated what the visitor chose, or what their browser asks for.
    """
    if settings.LANGUAGE_BY_VISITOR:
        return get_language() or settings.LANGUAGE_CODE
    return profile_language


def keep_language(response: HttpResponse, language: str) -> HttpResponse:
    """The response, which makes the browser remember the language for pages without sign-in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=COOKIE_SECONDS,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    return response
