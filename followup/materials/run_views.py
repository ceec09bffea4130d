"""Materials of a course group whose month is not open yet; later they are on the month's own page."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from common import undo
from common.access import require
from common.rates import require_pace
from common.uploads import takes_files
from followup.courses.models import Run
from followup.courses.permissions import can_add_materials
from followup.materials import actions
from followup.materials.forms import MaterialForm
from followup.materials.queries import materials_of, offered_undo
from followup.materials.views import add_of_form


def _run_of(request: HttpRequest, pk: int) -> Run:
    runs = Run.objects.visible_to(request.user).select_related("course__institute", "month_run")
    return get_object_or_404(runs, pk=pk)


@takes_files(settings.UPLOAD_LIMIT_BYTES)
def run_materials(request: HttpRequest, pk: int) -> HttpResponse:
    """The materials that will be in the space when it opens."""
    run = _run_of(request, pk)
    if request.method != "POST" and hasattr(run, "month_run"):
        return redirect("month_materials", pk=run.month_run.month_id)
    may_add = can_add_materials(request.user, run)
    if request.method == "POST":
        require(may_add, gettext("Only a trainer or the institute can add materials."))
    form = MaterialForm(request.POST or None, request.FILES or None, runs=[run])
    if request.method == "POST" and form.is_valid():
        require_pace(request.user.pk, form.cleaned_data)
        if add_of_form(form, request.user):
            messages.success(request, gettext("Added. It will be in the space as soon as it opens."))
            return redirect("run_materials", pk=pk)
    context = {
        "run": run,
        "course": run.course,
        "materials": materials_of([run]),
        "may_add": may_add,
        "form": form,
        "undo": offered_undo(request, run) if may_add else None,
    }
    return render(request, "materials/run_material_list.html", context, status=400 if form.errors else 200)


@require_POST
def run_material_remove(request: HttpRequest, pk: int, material_pk: int) -> HttpResponse:
    """Remove a material; the next page offers to undo it."""
    run = _run_of(request, pk)
    material = get_object_or_404(run.materials, pk=material_pk)
    actions.remove_material(material=material, by=request.user)
    note = undo.create_token("material", run, pk=material.pk)
    response = redirect("run_materials", pk=pk)
    response["Location"] += f"?undo={note}"
    return response


@require_POST
def run_material_restore(request: HttpRequest, pk: int, material_pk: int) -> HttpResponse:
    """Restore a material."""
    material = get_object_or_404(_run_of(request, pk).materials, pk=material_pk)
    actions.restore_material(material=material, by=request.user)
    messages.success(request, gettext("Restored."))
    return redirect("run_materials", pk=pk)
