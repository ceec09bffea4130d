"""Recording a step of one's own in a sentence, and withdrawing it."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from followup.months.models import Month
from followup.steps.models import StepTold
from followup.steps.permissions import can_report_step
from followup.steps.sources import available_steps

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def report_step(*, month: Month, user: "User", step: str, sentence: str, trainer_only: bool) -> StepTold:
    """Record a step of one's own in one sentence, perhaps for the trainer alone; it replaces an earlier one.

    Raises Refused for everybody but participants, and for steps that cannot be reported. Returns the row.
    """
    require(can_report_step(user, month), gettext("Only a participant can say how far they have got."))
    if step not in available_steps():
        raise Refused(gettext("You can’t report this step yet."))
    require(bool(sentence.strip()), gettext("One sentence is enough, but it needs a word or two."))
    reported, _created = StepTold.objects.update_or_create(
        month=month,
        user=user,
        step=step,
        defaults={"sentence": sentence.strip(), "trainer_only": trainer_only, "told_at": clock.now()},
    )
    return reported


@transaction.atomic
def withdraw_step(*, month: Month, user: "User", step: str) -> None:
    """Delete the sentence about a step; everybody may delete their own."""
    StepTold.objects.filter(month=month, user=user, step=step).delete()
