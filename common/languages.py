"""The language in which pages speak to their reader."""

from django.conf import settings
from django.utils.translation import get_language


def language_for(profile_language: str) -> str:
    """The language of the pages for a user: that of the profile, or in the demo the visitor's own.

    In the demo one visitor is many people, whose profiles are in five languages. There LocaleMiddleware has
    activated what the visitor chose, or what their browser asks for.
    """
    if settings.LANGUAGE_BY_VISITOR:
        return get_language() or settings.LANGUAGE_CODE
    return profile_language
