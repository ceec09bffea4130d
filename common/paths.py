"""The paths of pages by the names of their URLs, kept: Django takes 10 us for one, and a page needs 40."""

from functools import lru_cache

from django.urls import reverse

PATHS_KEPT = 8192


@lru_cache(PATHS_KEPT)
def path_of(name: str, *args: int | str, **kwargs: int | str) -> str:
    """As `reverse`. The URLs of an installation and its prefix stay the same while it runs."""
    return reverse(name, args=args, kwargs=kwargs)
