"""Pages of course groups, for institute staff and trainers."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from common import clock, undo
from common.access import require
from common.collation import sorted_by_name
from common.paging import page_by_name, typed
from community.people.invitation_queries import states_of
from community.people.models import User
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_enter, can_see_awaiting
from followup.courses import run_actions
from followup.courses.forms import PeopleForm, PersonForm, RunForm
from followup.courses.models import Course, Enrolment, Run, RunTrainer
from followup.courses.permissions import can_add_materials, can_complete, can_create_run, can_manage_run

if TYPE_CHECKING:
    from django.forms import Form

ENROLMENTS_PER_PAGE = 50


def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A course group: its state, its trainers, and who is enrolled and completed."""
    return _page(request, _run_of(request, pk))


def _run_of(request: HttpRequest, pk: int) -> Run:
    runs = Run.objects.visible_to(request.user).select_related(
        "course__institute", "month_run__month__space__institute"
    )
    return get_object_or_404(runs, pk=pk)


def _page(request: HttpRequest, run: Run, **forms: "Form") -> HttpResponse:
    may_manage = can_manage_run(request.user, run)
    enrolments, trainers = run.enrolments.select_related("user"), run.trainers.select_related("user")
    page = page_by_name(request, enrolments, "user__name", ENROLMENTS_PER_PAGE, unset_first="completed_at")
    by_name = sorted_by_name(trainers.order_by("pk"), lambda trainer: trainer.user.name)
    if may_manage:
        _load_invitations([*page, *by_name])
    enrolled, completed = run.enrolments.aggregate(all=Count("pk"), done=Count("completed_at")).values()
    space = run_actions.space_of(run)
    today = clock.today(run.course.institute.time_zone)
    context = {
        "run": run,
        "course": run.course,
        "space": space,
        "may_enter": space is not None and can_enter(request.user, space),
        "may_manage": may_manage,
        "may_complete": can_complete(request.user, run),
        "may_add_materials": can_add_materials(request.user, run),
        "is_over": run.ends_on < today,
        "has_begun": run.starts_on <= today,
        "trainers": by_name,
        "nobody_joined": not any(one.user.joined_at and one.user.is_active for one in by_name),
        "page": page,
        "awaiting": _awaiting(request, space, [each for each in page if each.completed_at is None]),
        "q": typed(request),
        "enrolled": enrolled,
        "completed": completed,
        "materials": run.materials.filter(removed_at=None),
        "batches": run.batches.visible_to(request.user)
        .without_rows()
        .filter(started_at__isnull=False)
        .select_related("made_by")
        .order_by("-pk")[:5],
        "trainer_form": forms.get("trainer_form", PersonForm(prefix="trainer")),
        "person_form": forms.get("person_form", PersonForm(prefix="person")),
        "people_form": forms.get("people_form", PeopleForm()),
        "undo_trainer": _offered_undo(request, "trainer", run) if may_manage else None,
        "undo_enrolment": _offered_undo(request, "enrolment", run) if may_manage else None,
    }
    return render(request, "courses/run_detail.html", context, status=400 if forms else 200)


def _load_invitations(people: "list[Enrolment | RunTrainer]") -> None:
    """Set `invitation` on each of them: how the invitation of who has not joined fared."""
    states = states_of(each.user for each in people)
    for each in people:
        each.invitation = states.get(each.user_id)  # type: ignore[union-attr]


def _awaiting(request: HttpRequest, space: Space | None, enrolments: list[Enrolment]) -> set[int]:
    """The ids of those who are in the space while their completion is still to be confirmed."""
    if space is None or not enrolments or not can_see_awaiting(request.user, space):
        return set()
    current = Membership.objects.current().filter(space=space, awaiting_until__isnull=False)
    return set(current.filter(user__in=[each.user_id for each in enrolments]).values_list("user", flat=True))


def _offered_undo(request: HttpRequest, kind: str, run: Run) -> dict[str, Any] | None:
    ids = undo.offered_undo(request, kind, run)
    removed = User.objects.filter(pk=ids["user_id"]).first() if ids else None
    return {**ids, "name": removed.name} if ids and removed else None


def run_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Set up a course group."""
    course = get_object_or_404(Course.objects.managed_by(request.user).select_related("institute"), slug=slug)
    require(
        can_create_run(request.user, course), gettext("Only the institute’s staff can set up a course group.")
    )
    form = RunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        run = run_actions.create_run(
            course=course, by=request.user, client_id=form.sent_id(), **form.fields_to_save()
        )
        messages.success(
            request, gettext("The course group is ready. Now add its trainers and the people enrolled.")
        )
        return redirect("run", pk=run.pk)
    context = {"form": form, "course": course}
    return render(request, "courses/run_form.html", context, status=400 if form.errors else 200)


def run_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change dates, place or name of a course group."""
    run = _run_of(request, pk)
    require(
        can_manage_run(request.user, run), gettext("Only the institute’s staff can change a course group.")
    )
    form = RunForm(request.POST or None, instance=run)
    if request.method == "POST" and form.is_valid():
        run_actions.edit_run(run=run, by=request.user, **form.fields_to_save())
        messages.success(request, gettext("Saved."))
        return redirect("run", pk=pk)
    context = {"form": form, "course": run.course, "run": run}
    return render(request, "courses/run_form.html", context, status=400 if form.errors else 200)


@require_POST
def trainer_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a trainer."""
    run, form = _run_of(request, pk), PersonForm(request.POST, prefix="trainer")
    if not form.is_valid():
        return _page(request, run, trainer_form=form)
    trainer, added = run_actions.add_trainer(run=run, by=request.user, **form.cleaned_data)
    if not added:
        text = gettext("%(name)s is already a trainer of this group.")
    elif trainer.user.joined_at is None:
        text = gettext("%(name)s is now a trainer of this group. We’ve emailed an invitation.")
    else:
        text = gettext("%(name)s is now a trainer of this group.")
    messages.success(request, text % {"name": trainer.user.name})
    return redirect("run", pk=pk)


@require_POST
def trainer_remove(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """Remove a trainer; the next page offers to undo it."""
    run = _run_of(request, pk)
    trainer = get_object_or_404(run.trainers.select_related("user"), user=user_pk)
    note = undo.create_token("trainer", run, user_id=trainer.user_id)
    run_actions.remove_trainer(trainer=trainer, by=request.user)
    return _redirect_with_undo(note, pk)


@require_POST
def trainer_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the removal of a trainer."""
    run = _run_of(request, pk)
    if ids := undo.read_token("trainer", run, request.POST.get("note", "")):
        user = get_object_or_404(User, pk=ids["user_id"])
        run_actions.restore_trainer(run=run, user=user, by=request.user)
        messages.success(request, gettext("%(name)s is back on the list.") % {"name": user.name})
    else:
        messages.warning(request, gettext("It’s too late to undo this. Please add them again."))
    return redirect("run", pk=pk)


@require_POST
def enrolment_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Enrol one person."""
    run, form = _run_of(request, pk), PersonForm(request.POST, prefix="person")
    if not form.is_valid():
        return _page(request, run, person_form=form)
    person = (form.cleaned_data["name"], form.cleaned_data["address"])
    _report(request, run_actions.enrol(run=run, by=request.user, people=[person]))
    return redirect("run", pk=pk)


@require_POST
def enrolment_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Enrol everybody of a pasted list."""
    run = _run_of(request, pk)
    form = PeopleForm(request.POST, language=run.course.institute.language)
    if not form.is_valid():
        return _page(request, run, people_form=form)
    _report(request, run_actions.enrol(run=run, by=request.user, people=form.cleaned_data["people"]))
    return redirect("run", pk=pk)


def _report(request: HttpRequest, enrolled: run_actions.Enrolled) -> None:
    if count := len(enrolled.added):
        text = ngettext("%(count)s person is enrolled.", "%(count)s people are enrolled.", count)
        messages.success(request, text % {"count": count})
    if count := len(enrolled.already):
        text = ngettext(
            "%(count)s person was already enrolled.", "%(count)s people were already enrolled.", count
        )
        messages.info(request, text % {"count": count})


@require_POST
def enrolment_remove(request: HttpRequest, pk: int, enrolment_pk: int) -> HttpResponse:
    """Remove an enrolment; the next page offers to undo it."""
    run = _run_of(request, pk)
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("user", "run__course__institute"), run=run, pk=enrolment_pk
    )
    note = undo.create_token("enrolment", run, user_id=enrolment.user_id)
    run_actions.unenrol(enrolment=enrolment, by=request.user)
    return _redirect_with_undo(note, pk)


@require_POST
def enrolment_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the removal of an enrolment."""
    run = _run_of(request, pk)
    if ids := undo.read_token("enrolment", run, request.POST.get("note", "")):
        user = get_object_or_404(User, pk=ids["user_id"])
        run_actions.restore_enrolment(run=run, user=user, by=request.user)
        messages.success(request, gettext("%(name)s is back on the list.") % {"name": user.name})
    else:
        messages.warning(request, gettext("It’s too late to undo this. Please add them again."))
    return redirect("run", pk=pk)


def _redirect_with_undo(note: str, pk: int) -> HttpResponse:
    response = redirect("run", pk=pk)
    response["Location"] += f"?undo={note}"
    return response
