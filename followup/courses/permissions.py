"""Who may do what with courses and course groups."""

from typing import TYPE_CHECKING

from common import clock
from community.institutes.models import Institute, Staff
from community.spaces.permissions import standing_of
from followup.courses.models import Course, Run

if TYPE_CHECKING:
    from community.people.models import User


def _works(user: "User", institute_id: int, *roles: str) -> bool:
    return user.is_authenticated and any((institute_id, role) in standing_of(user).staff for role in roles)


def can_offer_courses(user: "User", institute: Institute) -> bool:
    """Create courses of an institute: its coordinators."""
    return _works(user, institute.pk, Staff.Role.COORDINATOR)


def can_edit_course(user: "User", course: Course) -> bool:
    """Change, publish and unpublish a course: coordinators of its institute."""
    return _works(user, course.institute_id, Staff.Role.COORDINATOR)


def can_manage_run(user: "User", run: Run) -> bool:
    """Its dates, trainers and enrolments: coordinators and the office."""
    return _works(user, run.course.institute_id, Staff.Role.COORDINATOR, Staff.Role.OFFICE)


def can_create_run(user: "User", course: Course) -> bool:
    """Set up a course group of a course: coordinators and the office."""
    return _works(user, course.institute_id, Staff.Role.COORDINATOR, Staff.Role.OFFICE)


def is_trainer_of(user: "User", run: Run) -> bool:
    """Whether the user is a trainer of this course group."""
    known: dict[int, bool] = run.__dict__.get("_trains", {})
    if user.pk in known:
        return known[user.pk]
    return user.is_authenticated and run.trainers.filter(user=user).exists()


def know_trainer(user: "User", run: Run, *, trains: bool) -> None:
    """Keep what was loaded with a course group, for `is_trainer_of`."""
    run.__dict__["_trains"] = {user.pk: trains}


def can_add_materials(user: "User", run: Run) -> bool:
    """Add materials to a course group: its managers and its trainers."""
    return can_manage_run(user, run) or is_trainer_of(user, run)


def can_complete(user: "User", run: Run) -> bool:
    """Record completions: its managers at any time, its trainers from the last day on."""
    if can_manage_run(user, run):
        return True
    over = clock.today(run.course.institute.time_zone) >= run.ends_on
    return over and is_trainer_of(user, run)
