"""Creating, changing and publishing courses; course groups are in `run_actions.py`."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from common import clock, html
from common.access import require
from community.institutes.models import Institute
from followup.courses.models import Course
from followup.courses.permissions import can_edit_course, can_offer_courses

if TYPE_CHECKING:
    from community.people.models import User

RESERVED_SLUGS = {"new"}
"""Slugs that would clash with the URLs of other pages."""
SLUG_ATTEMPTS = 5
"""How often inserting is attempted: a concurrent insert may take the same slug."""


@transaction.atomic
def create_course(
    *,
    institute: Institute,
    by: "User",
    fields: dict[str, Any],
    modules: Sequence[dict[str, Any]] = (),
    prompts: Sequence[dict[str, Any]] = (),
) -> Course:
    """Create a course that is not public yet, with its modules and weekly prompts in this order.

    Raises Refused for everybody but the institute's coordinators. Returns the course.
    """
    require(
        can_offer_courses(by, institute), gettext("Only a coordinator of the institute can create a course.")
    )
    course = Course(institute=institute)
    _set_fields(course, {"slug": "", **fields})
    _insert(course)
    _write_rows(course.modules, modules)
    _write_rows(course.weekly_prompts, prompts)
    return course


@transaction.atomic
def edit_course(
    *,
    course: Course,
    by: "User",
    fields: dict[str, Any],
    modules: Sequence[dict[str, Any]],
    prompts: Sequence[dict[str, Any]],
    removed_modules: Collection[int] = (),
    removed_prompts: Collection[int] = (),
) -> Course:
    """Change a course. Open months keep the weekly prompts and the end they have.

    A row with a `pk` changes that module or prompt, one without adds it, and their order is the new order.
    Only what is named as removed is deleted: what another editor added in the meantime stays, after these
    rows, and what another editor deleted stays deleted.

    Raises Refused for everybody but the institute's coordinators. Returns the course.
    """
    _require_coordinator(by, course)
    course = _lock(course)
    _set_fields(course, fields)
    course.save()
    _write_rows(course.modules, modules, removed_modules)
    _write_rows(course.weekly_prompts, prompts, removed_prompts)
    return course


def _lock(course: Course) -> Course:
    """The row as it is now: the one that a view loaded may be older than another coordinator's change."""
    return Course.objects.select_for_update(of=("self",)).select_related("institute").get(pk=course.pk)


def _set_fields(course: Course, fields: dict[str, Any]) -> None:
    for field, value in fields.items():
        setattr(course, field, value)
    course.sharing_guide_html = html.render(course.sharing_guide)


def _insert(course: Course) -> None:
    if course.slug:
        course.save()
        return
    for attempt in range(SLUG_ATTEMPTS):
        course.slug = slug_for(course.title)
        try:
            with transaction.atomic():
                course.save(force_insert=True)
                return
        except IntegrityError:
            # Another course may have taken the slug between our query and our insert.
            if attempt == SLUG_ATTEMPTS - 1 or not Course.objects.filter(slug=course.slug).exists():
                raise


def _write_rows(related: Any, rows: Sequence[dict[str, Any]], removed: Collection[int] = ()) -> None:
    """Update, add and delete the rows of one course, which must be locked."""
    related.filter(pk__in=removed).delete()
    existing = related.in_bulk()
    ordered = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "pk"}
        if (pk := row.get("pk")) is None:
            item = related.model(**{related.field.name: related.instance}, **values)
        elif (item := existing.pop(pk, None)) is None:
            continue
        for name, value in values.items():
            setattr(item, name, value)
        ordered.append(item)
    for position, item in enumerate([*ordered, *existing.values()], 1):
        item.position = position
        item.save()


@transaction.atomic
def publish_course(*, course: Course, by: "User") -> Course:
    """Give the course its public page. Raises Refused for everybody but the institute's coordinators."""
    _require_coordinator(by, course)
    course = _lock(course)
    if course.published_at is None:
        course.published_at, course.published_by = clock.now(), by
        course.save(update_fields=["published_at", "published_by"])
    return course


@transaction.atomic
def unpublish_course(*, course: Course, by: "User") -> Course:
    """Remove the public page; course groups and months are not affected.

    Raises Refused for everybody but the institute's coordinators.
    """
    _require_coordinator(by, course)
    course = _lock(course)
    course.published_at = course.published_by = None
    course.save(update_fields=["published_at", "published_by"])
    return course


def slug_for(title: str) -> str:
    """A slug that no course has; titles without Latin letters get a number."""
    base = slugify(title)[:70].strip("-") or "course"
    taken = RESERVED_SLUGS | set(Course.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken or slug == "course":
        number += 1
        slug = f"{base}-{number}"
    return slug


def _require_coordinator(user: "User", course: Course) -> None:
    require(can_edit_course(user, course), gettext("Only a coordinator of the institute can change this."))
