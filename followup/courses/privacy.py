"""What courses store about a person, and how it is erased."""

from typing import Any

from django.db import transaction

from common import privacy
from community.people.models import User
from followup.courses.models import Course, Enrolment, Run, RunTrainer

FIELDS = (
    "followup.Course.published_by",
    "followup.Enrolment.completed_by",
    "followup.Enrolment.user",
    "followup.Run.completed_by",
    "followup.RunTrainer.user",
)


def register() -> None:
    """Register export and erasure for courses."""
    privacy.register("courses", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The course groups in which the user was enrolled, and those they trained."""
    enrolments = Enrolment.objects.filter(user=user).select_related("run__course").order_by("pk")
    trained = RunTrainer.objects.filter(user=user).select_related("run__course").order_by("pk")
    return {
        "enrolments": [
            {
                "course": one.run.course.title,
                "from": one.run.starts_on.isoformat(),
                "to": one.run.ends_on.isoformat(),
                "completed_on": one.completed_on and one.completed_on.isoformat(),
            }
            for one in enrolments
        ],
        "trained": [{"course": one.run.course.title, "to": one.run.ends_on.isoformat()} for one in trained],
    }


@transaction.atomic
def erase(user: User) -> None:
    """Remove who trained, published or confirmed. Completions stay, anonymous, in the institute's figures;
    other enrolments do not, so that nobody without a name is awaited."""
    Enrolment.objects.filter(user=user, completed_at=None).delete()
    RunTrainer.objects.filter(user=user).delete()
    Course.objects.filter(published_by=user).update(published_by=None)
    Enrolment.objects.filter(completed_by=user).update(completed_by=None)
    Run.objects.filter(completed_by=user).update(completed_by=None)
