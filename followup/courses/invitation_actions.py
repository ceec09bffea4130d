"""Looking after the invitations of a course group: invite somebody again, correct an address."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common.access import require
from common.addresses import normalize_address
from community.institutes.models import Staff
from community.people import belonging, invitation_actions
from community.people.models import User
from followup.courses.models import Enrolment, Run, RunTrainer, institutes_run_by
from followup.courses.permissions import can_manage_run


def people_of(run: Run) -> Q:
    """The condition that a user is enrolled in a course group, or trains it."""
    enrolled = Enrolment.objects.filter(run=run).values("user")
    training = RunTrainer.objects.filter(run=run).values("user")
    return Q(pk__in=enrolled) | Q(pk__in=training)


def invite_again(*, run: Run, user: User, by: User) -> None:
    """Send somebody of a course group their invitation again.

    Raises Refused for all but the institute's staff, and as `invitation_actions.invite_again` does.
    """
    _require_staff(by, run)
    invitation_actions.invite_again(user=user, by=by)


@transaction.atomic
def correct_address(*, run: Run, user: User, address: str, by: User) -> None:
    """Correct the address of somebody of a course group who has not joined.

    Whoever gets the new invitation gets all that waits for this person. So it is refused when another
    institute expects them too. Raises Refused for that, when somebody else of the group has that address, for
    all but the institute's staff, and as `invitation_actions.correct_address` does.
    """
    _require_staff(by, run)
    others = User.objects.filter(people_of(run), email=normalize_address(address)).exclude(pk=user.pk)
    require(not others.exists(), gettext("Someone in this course group already has this address."))
    require(
        not _is_expected_elsewhere(user, by),
        gettext(
            "Another institute also expects %(name)s at this address. Please remove them and add them again."
        )
        % {"name": user.name},
    )
    invitation_actions.correct_address(user=user, address=address, by=by)


def _is_expected_elsewhere(user: User, by: User) -> bool:
    """Whether the invitation also lets into what `by` may not give: another institute, any institute's
    staff, or the administration."""
    mine = set(institutes_run_by(by).values_list("institute", flat=True))
    has_role = Staff.objects.filter(user=user).exists() or user.is_staff or user.is_moderator
    return has_role or bool(belonging.institutes_of([user.pk])[user.pk] - mine)


def _require_staff(user: User, run: Run) -> None:
    require(can_manage_run(user, run), gettext("Only the institute’s staff can change a course group."))
