"""Inviting people of a course group again, and correcting an address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from common.access import Refused, require
from community.people.invitation_actions import has_invitation_out
from community.people.models import User
from followup.courses import invitation_actions
from followup.courses.forms import CorrectAddressForm
from followup.courses.models import Run
from followup.courses.permissions import can_manage_run


@require_POST
def invitation_send_again(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """Invite somebody again."""
    run, user = _find(request, pk, user_pk)
    try:
        invitation_actions.invite_again(run=run, user=user, by=request.user)
    except Refused as refusal:
        if not can_manage_run(request.user, run):
            raise
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request, gettext("Another invitation is on its way to %(name)s.") % {"name": user.name}
        )
    return redirect("run", pk=pk)


def invitation_address(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """Correct the address of somebody who has not joined."""
    run, user = _find(request, pk, user_pk)
    require(
        can_manage_run(request.user, run), gettext("Only the institute’s staff can change a course group.")
    )
    form, refused = CorrectAddressForm(request.POST or None, initial={"address": user.email}), ""
    if request.method == "POST" and form.is_valid():
        try:
            invitation_actions.correct_address(
                run=run, user=user, address=form.cleaned_data["address"], by=request.user
            )
        except Refused as refusal:
            refused = str(refusal)
        else:
            messages.success(
                request, gettext("The address of %(name)s has been corrected.") % {"name": user.name}
            )
            return redirect("run", pk=pk)
    context = {
        "form": form,
        "run": run,
        "course": run.course,
        "person": user,
        "refused": refused,
        "is_invited": has_invitation_out(user),
    }
    status = 403 if refused else 400 if form.errors else 200
    return render(request, "courses/invitation_address.html", context, status=status)


def _find(request: HttpRequest, pk: int, user_pk: int) -> tuple[Run, User]:
    runs = Run.objects.visible_to(request.user).select_related("course__institute")
    run = get_object_or_404(runs, pk=pk)
    return run, get_object_or_404(User.objects.filter(invitation_actions.people_of(run)), pk=user_pk)
