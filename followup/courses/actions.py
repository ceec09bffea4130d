"""Courses and what belongs to them; course groups are in `run_actions.py`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from common import clock, html
from common.access import require
from community.institutes.models import Institute
from followup.courses.models import Course, Module, WeeklyPrompt
from followup.courses.permissions import can_edit_course, can_offer_courses

if TYPE_CHECKING:
    from community.people.models import User

TAKEN = {"new"}
"""Short names that addresses need for themselves."""


@transaction.atomic
def make_course(
    *,
    institute: Institute,
    by: "User",
    fields: dict[str, Any],
    modules: Sequence[dict[str, Any]] = (),
    prompts: Sequence[dict[str, Any]] = (),
) -> Course:
    """A new course, not public yet."""
    require(
        can_offer_courses(by, institute), gettext("Only a coordinator of the institute can make a course.")
    )
    course = Course(institute=institute, slug=slug_for(fields["title"]))
    return _write(course, fields, modules, prompts)


@transaction.atomic
def edit_course(
    *,
    course: Course,
    by: "User",
    fields: dict[str, Any],
    modules: Sequence[dict[str, Any]],
    prompts: Sequence[dict[str, Any]],
) -> Course:
    """Change a course. Months that are open keep the weekly ideas and the end they have."""
    _only_its_coordinators(by, course)
    return _write(course, fields, modules, prompts)


def _write(
    course: Course,
    fields: dict[str, Any],
    modules: Sequence[dict[str, Any]],
    prompts: Sequence[dict[str, Any]],
) -> Course:
    for field, value in fields.items():
        setattr(course, field, value)
    course.sharing_guide_html = html.render(course.sharing_guide)
    course.save()
    course.modules.all().delete()
    Module.objects.bulk_create(
        Module(course=course, position=position, **module) for position, module in enumerate(modules, 1)
    )
    course.weekly_prompts.all().delete()
    WeeklyPrompt.objects.bulk_create(
        WeeklyPrompt(course=course, position=position, **prompt) for position, prompt in enumerate(prompts, 1)
    )
    return course


@transaction.atomic
def publish_course(*, course: Course, by: "User") -> Course:
    """Give the course its public page."""
    _only_its_coordinators(by, course)
    if course.published_at is None:
        course.published_at, course.published_by = clock.now(), by
        course.save(update_fields=["published_at", "published_by"])
    return course


@transaction.atomic
def unpublish_course(*, course: Course, by: "User") -> Course:
    """Take the public page away; course groups and months go on."""
    _only_its_coordinators(by, course)
    course.published_at = course.published_by = None
    course.save(update_fields=["published_at", "published_by"])
    return course


def slug_for(title: str) -> str:
    """A short name for addresses that no other course has; titles without Latin letters get a number."""
    base = slugify(title)[:70].strip("-") or "course"
    taken = TAKEN | set(Course.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken or slug == "course":
        number += 1
        slug = f"{base}-{number}"
    return slug


def _only_its_coordinators(user: "User", course: Course) -> None:
    require(can_edit_course(user, course), gettext("Only a coordinator of the institute can change this."))
