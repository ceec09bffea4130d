"""Pages of a month beside those that every space has: its materials, its steps and its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import undo
from common.access import require
from common.dates import day_in_words
from community.spaces import actions as spaces
from community.spaces.models import Membership
from community.spaces.reach import MemberRequest
from followup.courses.models import Material, Run, Step
from followup.courses.permissions import can_add_materials
from followup.months import actions, materials
from followup.months.figures import figures_of
from followup.months.forms import ExtensionForm, MaterialForm, StepForm
from followup.months.models import Extension, Month, StepTold
from followup.months.permissions import can_answer, can_extend, can_see_counts, can_see_steps, can_tell_step
from followup.months.steps import DONE, STEPS, participants_of, steps_of

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _month_of(request: MemberRequest, pk: int) -> Month:
    months = Month.objects.visible_to(request.user).select_related("space__institute", "course")
    month = get_object_or_404(months, pk=pk)
    spaces.come_in(space=month.space, user=request.user)
    return month


@get_or_post
def extend(request: MemberRequest, pk: int) -> HttpResponse:
    """Make the follow-up longer: what it would change first, then the same form does it."""
    month = _month_of(request, pk)
    require(
        can_extend(request.user, month),
        gettext("Only the coordinator or a trainer can make the follow-up longer."),
    )
    form = ExtensionForm(request.POST or None, month=month)
    preview = None
    if request.method == "POST" and form.is_valid():
        if "preview" not in request.POST:
            extension = actions.extend(month=month, by=request.user, **_extension(form))
            text = gettext("The follow-up now lasts until %(day)s. Everybody in it is told.")
            messages.success(request, text % {"day": day_in_words(extension.last_day)})
            return redirect("space", pk=month.space_id)
        preview = form.cleaned_data["last_day"]
    before = list(month.extensions.select_related("extended_by", "answered_by", "month__space"))
    context = {
        "month": month,
        "space": month.space,
        "form": form,
        "preview": preview,
        "longer_by": (preview - month.space.last_day).days if preview else 0,
        "told": Membership.objects.current().filter(space=month.space).count(),
        "extensions": [(extension, can_answer(request.user, extension)) for extension in reversed(before)],
    }
    return render(request, "months/month_extend.html", context, status=400 if form.errors else 200)


@require_POST
def answer(request: MemberRequest, pk: int, extension_pk: int) -> HttpResponse:
    """The trainer's yes or no to staying on hand."""
    month = _month_of(request, pk)
    extension = get_object_or_404(Extension.objects.filter(month=month), pk=extension_pk)
    stays = request.POST.get("stays") == "yes"
    actions.answer_extension(extension=extension, stays=stays, by=request.user)
    messages.success(
        request,
        gettext("Thank you. Everybody can see that you stay on hand.")
        if stays
        else gettext("Thank you. Nobody is promised that you are there."),
    )
    return redirect("month_extend", pk=month.pk)


@get_or_post
def material_list(request: MemberRequest, pk: int) -> HttpResponse:
    """The materials of the month's groups; trainers and coordinators add to them."""
    month = _month_of(request, pk)
    runs = list(Run.objects.filter(month_run__month=month).select_related("course__institute"))
    mine = [run for run in runs if can_add_materials(request.user, run)]
    if request.method == "POST":
        require(bool(mine), gettext("Only a trainer or the institute can add materials."))
    form = MaterialForm(request.POST or None, request.FILES or None, runs=mine) if mine else None
    if request.method == "POST" and form is not None and form.is_valid():
        materials.add_material(by=request.user, **form.cleaned_data)
        messages.success(request, gettext("Added. Everybody in the space has it now."))
        return redirect("month_materials", pk=month.pk)
    context = {
        "month": month,
        "space": month.space,
        "materials": materials.materials_of(runs),
        "form": form,
        "several": len(runs) > 1,
        "undo": undo.offered(request, "material") if mine else None,
    }
    return render(request, "months/material_list.html", context, status=400 if form and form.errors else 200)


@require_POST
def material_remove(request: MemberRequest, pk: int, material_pk: int) -> HttpResponse:
    """Take a material away; the page offers to put it back."""
    month, material = _material_of(request, pk, material_pk)
    materials.remove_material(material=material, by=request.user)
    note = undo.note("material", pk=material.pk, title=material.title)
    response = redirect("month_materials", pk=month.pk)
    response.headers["Location"] += f"?undo={note}"
    return response


@require_POST
def material_restore(request: MemberRequest, pk: int, material_pk: int) -> HttpResponse:
    """Put a material back."""
    month, material = _material_of(request, pk, material_pk)
    materials.restore_material(material=material, by=request.user)
    messages.success(request, gettext("It is back."))
    return redirect("month_materials", pk=month.pk)


@require_safe
def step_list(request: MemberRequest, pk: int) -> HttpResponse:
    """How far people have come: oneself and what others told; by name for trainers, else counts."""
    month, user = _month_of(request, pk), request.user
    takes = can_tell_step(user, month)
    told = StepTold.objects.filter(month=month, trainer_only=False, step__in=STEPS).exclude(user=user)
    context: dict[str, Any] = {
        "month": month,
        "space": month.space,
        "takes_steps": takes,
        "own": steps_of(month, [user])[user.pk] if takes else None,
        "form": StepForm() if takes else None,
        "told": [
            (one, DONE[Step(one.step)]) for one in told.select_related("user").order_by("-told_at")[:50]
        ],
        "rows": _rows_for_trainer(month) if can_see_steps(user, month) else None,
        "figures": figures_of(month, steps_of(month, participants_of(month)))
        if can_see_counts(user, month)
        else None,
    }
    return render(request, "months/step_list.html", context)


@require_POST
def tell(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell a step in one sentence, or take back what one told."""
    month = _month_of(request, pk)
    if "take_back" in request.POST:
        actions.take_back_step(month=month, user=request.user, step=request.POST["take_back"])
        messages.success(request, gettext("Taken back."))
        return redirect("month_steps", pk=month.pk)
    require(can_tell_step(request.user, month), gettext("Only a participant can say how far they have come."))
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("One sentence is enough, but it needs a word or two."))
        return redirect("month_steps", pk=month.pk)
    actions.tell_step(month=month, user=request.user, **form.cleaned_data)
    messages.success(
        request,
        gettext("Thank you. Only the trainer can read it.")
        if form.cleaned_data["trainer_only"]
        else gettext("Thank you. Everybody in the space can read it."),
    )
    return redirect("month_steps", pk=month.pk)


@require_POST
def read_along(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose to read along only, without weekly letters; or to have them again."""
    month = _month_of(request, pk)
    on = request.POST.get("reads_along") == "yes"
    spaces.read_along(space=month.space, user=request.user, on=on)
    messages.success(
        request,
        gettext("You read along. No weekly letters; only the end is told.")
        if on
        else gettext("You get the weekly letters again."),
    )
    return redirect("space", pk=month.space_id)


def _extension(form: ExtensionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("last_day", "reason", "stays")}


def _material_of(request: MemberRequest, pk: int, material_pk: int) -> tuple[Month, Material]:
    month = _month_of(request, pk)
    found = Material.objects.filter(run__month_run__month=month).select_related("run__course__institute")
    return month, get_object_or_404(found, pk=material_pk)


def _rows_for_trainer(month: Month) -> list[tuple[Membership, Any]]:
    here = Membership.objects.current().filter(space=month.space, role=Membership.Role.PARTICIPANT)
    members = list(here.select_related("user").order_by("user__name", "pk"))
    steps = steps_of(month, [membership.user for membership in members])
    return [(membership, steps[membership.user_id]) for membership in members]
