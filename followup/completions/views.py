"""Pages on which completions come in: tick or upload, look at what will happen, apply, and take back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of
from community.spaces.permissions import can_enter
from followup.completions import actions
from followup.completions.encodings import UnreadableError
from followup.completions.forms import TickForm, UploadForm
from followup.completions.preview import preview
from followup.completions.reasons import (
    file_of_refused,
    reason_in_words,
    shown_cells,
    why_unreadable,
)
from followup.completions.undo import undo
from followup.courses.models import CompletionBatch, Run

SHOWN = 50
"""Rows of each sort that a preview lists; the counts are of all."""


def _run_of(request: HttpRequest, pk: int) -> Run:
    runs = Run.objects.managed_by(request.user).select_related("course__institute", "month_run__month__space")
    return get_object_or_404(runs, pk=pk)


def _batch_of(request: HttpRequest, pk: int) -> CompletionBatch:
    batches = CompletionBatch.objects.visible_to(request.user).select_related(
        "run__course__institute", "run__month_run__month__space__institute", "made_by", "undone_by"
    )
    return get_object_or_404(batches, pk=pk)


@require_safe
def completions(request: HttpRequest, pk: int) -> HttpResponse:
    """Where completions come in: tick who was there, or bring a list."""
    return _page(request, _run_of(request, pk))


def _page(
    request: HttpRequest, run: Run, tick_form: TickForm | None = None, upload_form: UploadForm | None = None
) -> HttpResponse:
    actions.require_may_complete(run, request.user)
    batches = run.batches.filter(started_at__isnull=False).select_related("made_by").order_by("-pk")
    context = {
        "run": run,
        "course": run.course,
        "tick_form": tick_form or TickForm(run=run, today=actions.days_of(run).today),
        "upload_form": upload_form or UploadForm(),
        "waiting": run.enrolments.filter(completed_at=None).exists(),
        "page": page_of(request, batches, 10),
    }
    wrong = tick_form is not None or upload_form is not None
    return render(request, "completions/completion_new.html", context, status=400 if wrong else 200)


@require_POST
def completion_tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who was ticked, and show what that will do."""
    run = _run_of(request, pk)
    form = TickForm(request.POST, run=run, today=actions.days_of(run).today)
    if not form.is_valid():
        return _page(request, run, tick_form=form)
    batch = actions.select_by_hand(run=run, by=request.user, **form.cleaned_data)
    return redirect("completion_batch", pk=batch.pk)


@require_POST
def completion_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a list, and show what it will do; or say why nothing of it can be taken."""
    run, form = _run_of(request, pk), UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, run, upload_form=form)
    upload = form.cleaned_data["file"]
    try:
        batch = actions.upload(
            run=run,
            by=request.user,
            raw=upload.read(),
            file_name=upload.name,
            source=CompletionBatch.Source.FILE,
        )
    except UnreadableError as problem:
        form.add_error("file", why_unreadable(problem.code, problem.about))
        return _page(request, run, upload_form=form)
    return redirect("completion_batch", pk=batch.pk)


@require_safe
def completion_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A list of completions: what it will do, how far it has come, or what it did."""
    batch = _batch_of(request, pk)
    if batch.started_at is None:
        actions.require_may_complete(batch.run, request.user)
        found = preview(batch)
        context = {"batch": batch, "run": batch.run, "preview": found, "shown": SHOWN}
        return render(request, "completions/completion_preview.html", context)
    month_run = getattr(batch.run, "month_run", None)
    space = month_run.month.space if month_run else None
    refused = [
        (row["line"], shown_cells(batch.header, row["cells"]), reason_in_words(row["reason"], row["about"]))
        for row in batch.refused
    ]
    context = {
        "batch": batch,
        "run": batch.run,
        "space": space,
        "enters": space is not None and can_enter(request.user, space),
        "added": batch.entries.count(),
        "taking_back": batch.undone_at is not None and batch.entries.exists(),
        "refused": refused[:SHOWN],
        "refused_count": len(refused),
    }
    return render(request, "completions/completion_result.html", context)


@require_POST
def completion_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a list; a long one goes on by itself."""
    actions.apply(batch=_batch_of(request, pk), by=request.user)
    return redirect("completion_batch", pk=pk)


@require_POST
def completion_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a list that was only looked at."""
    batch = _batch_of(request, pk)
    actions.drop(batch=batch, by=request.user)
    return redirect("completions", pk=batch.run_id)


@require_POST
def completion_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back all that a list did."""
    batch = undo(batch=_batch_of(request, pk), by=request.user)
    if not batch.entries.exists():
        messages.success(request, gettext("Taken back. No mail of it has been sent."))
    return redirect("completion_batch", pk=pk)


@require_safe
def completion_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a file to mend and load again."""
    batch = _batch_of(request, pk)
    if batch.started_at is None:
        rows = [
            (reason_in_words(row.reason, row.about), row.cells) for row in actions.listing_of(batch).refused
        ]
    else:
        rows = [(reason_in_words(row["reason"], row["about"]), row["cells"]) for row in batch.refused]
    response = HttpResponse(file_of_refused(batch.header, rows), content_type="text/csv; charset=utf-8")
    name = f"{batch.run.course.slug}-{slugify(gettext('to mend')) or 'refused'}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
