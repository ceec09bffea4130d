"""Pages of steps: who took which, and reporting a step of one's own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.access import require
from common.rates import require_pace
from community.spaces.lookup import MemberRequest
from followup.courses.models import Step
from followup.months.lookup import month_or_404
from followup.steps import actions
from followup.steps.figures import figures_of
from followup.steps.forms import StepForm, empty_fields
from followup.steps.permissions import can_report_step, can_see_counts, can_see_steps
from followup.steps.queries import participants_in, rows_of, steps_in, steps_of, told_to_all
from followup.steps.sources import available_steps


@require_safe
def step_list(request: MemberRequest, pk: int) -> HttpResponse:
    """One's own steps and what others reported; names for trainers, counts for those who may see them."""
    month, user = month_or_404(request, pk), request.user
    takes_steps, sees_names = can_report_step(user, month), can_see_steps(user, month)
    sees_counts = can_see_counts(user, month)
    steps = steps_in(month) if sees_counts else {}
    labels = available_steps()
    context: dict[str, Any] = {
        "month": month,
        "space": month.space,
        "takes_steps": takes_steps,
        "fields": empty_fields() if takes_steps else "",
        "own": steps_of(month, user) if takes_steps else None,
        "reported": [
            (told, labels[Step(told.step)]) for told in told_to_all(user, month.pk, [*map(str, labels)])
        ]
        if not sees_names
        else [],
        "rows": rows_of(participants_in(month.space_id), steps) if sees_names else None,
        "figures": figures_of(month, steps) if sees_counts else None,
    }
    return render(request, "steps/step_list.html", context)


@require_POST
def report(request: MemberRequest, pk: int) -> HttpResponse:
    """Report a step in one sentence, or withdraw it."""
    month = month_or_404(request, pk)
    if "take_back" in request.POST:
        actions.withdraw_step(month=month, user=request.user, step=request.POST["take_back"])
        messages.success(request, gettext("Undone."))
        return redirect("month_steps", pk=month.pk)
    require(
        can_report_step(request.user, month), gettext("Only a participant can say how far they have got.")
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
        else gettext("Thank you. Everyone in the space can read it."),
    )
    return redirect("month_steps", pk=month.pk)
