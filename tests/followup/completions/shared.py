"""What several tests of completions share."""

from community.people.models import Invitation, User
from community.spaces.models import Membership
from followup.completions import jobs
from followup.courses.models import CompletionBatch, Enrolment
from followup.months.models import Month
from messaging.notifications.models import Mail


def everything():
    """The number of rows of every model that completions change."""
    models = [User, Enrolment, Membership, Month, Mail, Invitation, CompletionBatch]
    return {model.__name__: model.objects.count() for model in models}


def sweep() -> int:
    return jobs.sweep_batches() + jobs.sweep_undos() + jobs.sweep_expired()


def long_list(count: int) -> str:
    return "email,name\n" + "".join(f"p{number}@school.test,Person {number}\n" for number in range(count))
