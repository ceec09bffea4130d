"""Pages of steps: who took which, and reporting a step of one's own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.access import require
from common.collation import sorted_by_name
from common.rates import require_pace
from community.spaces.lookup import MemberRequest
from community.spaces.models import Membership
from followup.courses.models import Step
from followup.courses.roles import SpaceRole
from followup.months.lookup import month_or_404
from followup.months.models import Month
from followup.steps import actions
from followup.steps.figures import figures_of
from followup.steps.forms import StepForm
from followup.steps.models import StepTold
from followup.steps.permissions import can_report_step, can_see_counts, can_see_steps
from followup.steps.queries import participants_of, steps_of
from followup.steps.sources import available_steps


@require_safe
def step_list(request: MemberRequest, pk: int) -> HttpResponse:
    """One's own steps and what others reported; names for trainers, counts for those who may see them."""
    month, user = month_or_404(request, pk), request.user
    takes_steps = can_report_step(user, month)
    labels = available_steps()
    reported = StepTold.objects.filter(month=month, trainer_only=False, step__in=labels).exclude(user=user)
    context: dict[str, Any] = {
        "month": month,
        "space": month.space,
        "takes_steps": takes_steps,
        "own": steps_of(month, [user])[user.pk] if takes_steps else None,
        "form": StepForm() if takes_steps else None,
        "reported": [
            (step, labels[Step(step.step)])
            for step in reported.select_related("user").order_by("-told_at")[:50]
        ],
        "rows": _rows_for_trainer(month) if can_see_steps(user, month) else None,
        "figures": figures_of(month, steps_of(month, participants_of(month)))
        if can_see_counts(user, month)
        else None,
    }
    return render(request, "steps/step_list.html", context)


@require_POST
def report(request: MemberRequest, pk: int) -> HttpResponse:
    """Report a step in one sentence, or withdraw it."""
    month = month_or_404(request, pk)
    if "take_back" in request.POST:
        actions.withdraw_step(month=month, user=request.user, step=request.POST["take_back"])
        messages.success(request, gettext("Taken back."))
        return redirect("month_steps", pk=month.pk)
    require(
        can_report_step(request.user, month), gettext("Only a participant can say how far they have come.")
    )
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("One sentence is enough, but it needs a word or two."))
        return redirect("month_steps", pk=month.pk)
    require_pace(request.user.pk, form.cleaned_data)
    actions.report_step(month=month, user=request.user, **form.cleaned_data)
    messages.success(
        request,
        gettext("Thank you. Only the trainer can read it.")
        if form.cleaned_data["trainer_only"]
        else gettext("Thank you. Everybody in the space can read it."),
    )
    return redirect("month_steps", pk=month.pk)


def _rows_for_trainer(month: Month) -> list[tuple[Membership, Any]]:
    participants = Membership.objects.current().filter(space=month.space, role=SpaceRole.PARTICIPANT)
    rows = participants.select_related("user").order_by("pk")
    members = sorted_by_name(rows, lambda membership: membership.user.name)
    steps = steps_of(month, [membership.user for membership in members])
    return [(membership, steps[membership.user_id]) for membership in members]
