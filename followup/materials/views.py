"""Materials of a month's groups, on a page of its space."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common import undo
from common.access import require
from common.rates import require_pace
from common.uploads import takes_files
from community.spaces.lookup import MemberRequest
from followup.courses.permissions import can_add_materials
from followup.materials import actions
from followup.materials.forms import MaterialForm
from followup.materials.models import Material
from followup.materials.queries import materials_of, offered_undo, runs_of
from followup.months.lookup import month_or_404
from followup.months.models import Month
from messaging.files.file_types import UploadError

if TYPE_CHECKING:
    from community.people.models import User


@takes_files(settings.UPLOAD_LIMIT_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def material_list(request: MemberRequest, pk: int) -> HttpResponse:
    """The materials of the month's groups; trainers and coordinators add to them."""
    month = month_or_404(request, pk)
    runs = runs_of(request.user, month)
    own_runs = [run for run in runs if can_add_materials(request.user, run)]
    if request.method == "POST":
        require(bool(own_runs), gettext("Only a trainer or the institute can add materials."))
    form = MaterialForm(request.POST or None, request.FILES or None, runs=own_runs) if own_runs else None
    if request.method == "POST" and form is not None and form.is_valid():
        require_pace(request.user.pk, form.cleaned_data)
        if add_of_form(form, request.user):
            messages.success(request, gettext("Added. Everyone in the space can see it now."))
            return redirect("month_materials", pk=month.pk)
    context = {
        "month": month,
        "space": month.space,
        "materials": materials_of(runs),
        "form": form,
        "several": len(runs) > 1,
        "undo": offered_undo(request, month) if own_runs else None,
    }
    return render(
        request, "materials/material_list.html", context, status=400 if form and form.errors else 200
    )


def add_of_form(form: MaterialForm, by: "User") -> bool:
    """Add the material of a valid form; False when its file cannot be taken, which the form then says."""
    try:
        actions.add_material(by=by, **form.cleaned_data)
    except UploadError as reason:
        form.add_error("upload", str(reason))
        return False
    return True


@require_POST
def material_remove(request: MemberRequest, pk: int, material_pk: int) -> HttpResponse:
    """Remove a material; the next page offers to undo it."""
    month, material = _material_of(request, pk, material_pk)
    actions.remove_material(material=material, by=request.user)
    note = undo.create_token("material", month, pk=material.pk)
    response = redirect("month_materials", pk=month.pk)
    response.headers["Location"] += f"?undo={note}"
    return response


@require_POST
def material_restore(request: MemberRequest, pk: int, material_pk: int) -> HttpResponse:
    """Restore a material."""
    month, material = _material_of(request, pk, material_pk)
    actions.restore_material(material=material, by=request.user)
    messages.success(request, gettext("Restored."))
    return redirect("month_materials", pk=month.pk)


def _material_of(request: MemberRequest, pk: int, material_pk: int) -> tuple[Month, Material]:
    month = month_or_404(request, pk)
    found = Material.objects.filter(run__month_run__month=month).select_related("run__course__institute")
    return month, get_object_or_404(found, pk=material_pk)
