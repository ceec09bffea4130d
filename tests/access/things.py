"""Things of the small world that rows of the access table name in their URLs and forms."""

from collections.abc import Callable
from typing import Any

from tests.cast import Cast

THINGS: dict[str, Callable[[Cast], Any]] = {
    "space": lambda cast: cast.space.pk,
    "month": lambda cast: cast.month.pk,
    "run": lambda cast: cast.run.pk,
    "course": lambda cast: cast.course.pk,
    "course_slug": lambda cast: cast.course.slug,
    "institute_slug": lambda cast: cast.institute.slug,
}
"""A row's argument is `pk:space` (URL keyword and thing); a value of its data is `=space`."""
