"""Pages for recording completions: select by hand or upload, preview, apply, undo."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of
from common.uploads import takes_files
from community.spaces.permissions import can_enter
from followup.completions import actions
from followup.completions.forms import PasteForm, SelectionForm, TrainerForm, UploadForm
from followup.completions.preview import Preview, preview
from followup.completions.undo import undo
from followup.courses.models import CompletionBatch, Run
from followup.lists.encodings import UnreadableError
from followup.lists.parser import MAX_BYTES
from followup.lists.reasons import file_of_refused, reason_in_words, shown_cells, why_unreadable

ROWS_SHOWN = 50
"""Rows of each kind that a page lists; the counts are of all."""


def _run_of(request: HttpRequest, pk: int) -> Run:
    runs = Run.objects.completable_by(request.user).select_related(
        "course__institute", "month_run__month__space"
    )
    return get_object_or_404(runs, pk=pk)


def _batch_of(request: HttpRequest, pk: int) -> CompletionBatch:
    batches = CompletionBatch.objects.visible_to(request.user).select_related(
        "run__course__institute", "run__month_run__month__space__institute", "made_by", "undone_by"
    )
    return get_object_or_404(batches, pk=pk)


@require_safe
def completions(request: HttpRequest, pk: int) -> HttpResponse:
    """The page to select people by hand or upload a list."""
    return _page(request, _run_of(request, pk))


def _page(
    request: HttpRequest,
    run: Run,
    selection_form: SelectionForm | None = None,
    upload_form: UploadForm | None = None,
    paste_form: PasteForm | None = None,
) -> HttpResponse:
    actions.require_may_complete(run, request.user)
    started = run.batches.filter(started_at__isnull=False).without_rows()
    batches = started.select_related("made_by").order_by("-pk")
    context = {
        "run": run,
        "course": run.course,
        "selection_form": selection_form or SelectionForm(run=run, today=actions.days_of(run).today),
        "upload_form": upload_form or UploadForm(),
        "paste_form": paste_form or PasteForm(),
        "waiting": run.enrolments.filter(completed_at=None).exists(),
        "page": page_of(request, batches, 10),
    }
    invalid = any(form is not None for form in (selection_form, upload_form, paste_form))
    return render(request, "completions/completion_new.html", context, status=400 if invalid else 200)


@require_POST
def completion_select(request: HttpRequest, pk: int) -> HttpResponse:
    """Store a selection by hand, and go on to its preview."""
    run = _run_of(request, pk)
    form = SelectionForm(request.POST, run=run, today=actions.days_of(run).today)
    if not form.is_valid():
        return _page(request, run, selection_form=form)
    batch = actions.select_by_hand(run=run, by=request.user, **form.cleaned_data)
    return redirect("completion_batch", pk=batch.pk)


@takes_files(MAX_BYTES)
@require_POST
def completion_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Store an uploaded list and go on to its preview, or show why it cannot be read."""
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


@require_POST
def completion_paste(request: HttpRequest, pk: int) -> HttpResponse:
    """Store a pasted list and go on to its preview, or show why it cannot be read."""
    run, form = _run_of(request, pk), PasteForm(request.POST)
    if not form.is_valid():
        return _page(request, run, paste_form=form)
    try:
        batch = actions.paste(run=run, by=request.user, text=form.cleaned_data["pasted"])
    except UnreadableError as problem:
        form.add_error("pasted", why_unreadable(problem.code, problem.about))
        return _page(request, run, paste_form=form)
    return redirect("completion_batch", pk=batch.pk)


@require_safe
def completion_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch: its preview, its progress, or its result."""
    batch = _batch_of(request, pk)
    if batch.started_at is None:
        actions.require_may_complete(batch.run, request.user)
        return _preview_page(request, batch, preview(batch))
    month_run = getattr(batch.run, "month_run", None)
    space = month_run.month.space if month_run else None
    refused = [
        (row["line"], shown_cells(batch.header, row["cells"]), reason_in_words(row["reason"], row["about"]))
        for row in batch.refused[:ROWS_SHOWN]
    ]
    context = {
        "batch": batch,
        "run": batch.run,
        "space": space,
        "may_enter": space is not None and can_enter(request.user, space),
        "added": batch.entries.count(),
        "is_being_undone": batch.undone_at is not None and batch.entries.exists(),
        "refused": refused,
        "refused_count": len(batch.refused),
    }
    return render(request, "completions/completion_result.html", context)


def _preview_page(
    request: HttpRequest, batch: CompletionBatch, found: Preview, form: TrainerForm | None = None
) -> HttpResponse:
    refused = [
        (row.line, shown_cells(batch.header, row.cells), reason) for row, reason in found.refused[:ROWS_SHOWN]
    ]
    context = {
        "batch": batch,
        "run": batch.run,
        "preview": found,
        "refused": refused,
        "shown": ROWS_SHOWN,
        "trainer_form": (form or _trainer_form(batch, found)) if found.opens_without_trainer else None,
    }
    invalid = form is not None and bool(form.errors)
    return render(request, "completions/completion_preview.html", context, status=400 if invalid else 200)


def _trainer_form(batch: CompletionBatch, found: Preview, data: QueryDict | None = None) -> TrainerForm:
    today = actions.days_of(batch.run).today
    return TrainerForm(data, first=today, last=found.last_day or today)


@require_POST
def completion_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a batch; the jobs go on with a long one. Where nobody would be on hand, the form says by when
    somebody will be."""
    batch, trainer_by = _batch_of(request, pk), None
    if batch.started_at is None and (found := preview(batch)).opens_without_trainer:
        actions.require_may_complete(batch.run, request.user)
        form = _trainer_form(batch, found, request.POST)
        if not form.is_valid():
            return _preview_page(request, batch, found, form)
        trainer_by = form.cleaned_data["trainer_by"]
    actions.apply(batch=batch, by=request.user, trainer_by=trainer_by)
    return redirect("completion_batch", pk=pk)


@require_POST
def completion_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a batch that was only previewed."""
    batch = _batch_of(request, pk)
    actions.discard(batch=batch, by=request.user)
    return redirect("completions", pk=batch.run_id)


@require_POST
def completion_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a batch."""
    batch = undo(batch=_batch_of(request, pk), by=request.user)
    if not batch.entries.exists():
        messages.success(request, gettext("Undone. No emails were sent."))
    return redirect("completion_batch", pk=pk)


@require_safe
def completion_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a file to correct and upload again."""
    batch = _batch_of(request, pk)
    if batch.started_at is None:
        actions.require_may_complete(batch.run, request.user)
        rows = [
            (reason_in_words(row.reason, row.about), row.cells) for row in actions.listing_of(batch).refused
        ]
    else:
        rows = [(reason_in_words(row["reason"], row["about"]), row["cells"]) for row in batch.refused]
    response = HttpResponse(file_of_refused(batch.header, rows), content_type="text/csv; charset=utf-8")
    name = f"{batch.run.course.slug}-{slugify(gettext('to mend')) or 'refused'}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
