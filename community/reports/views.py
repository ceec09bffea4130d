"""Reporting something, the list of what waits for a decision, and deciding."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.access import Refused, require
from community.reports import actions
from community.reports.forms import DecisionForm, ReportForm
from community.reports.helplines import helpline_of
from community.reports.models import WHOLE, Report
from community.reports.news import THING
from community.reports.permissions import can_decide
from community.reports.things import Thing, find, find_message, reported
from community.spaces.lookup import MemberRequest
from messaging.files.shown import shown
from messaging.notifications import bell

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
REPORTS_SHOWN = 50
"""How many of those that were decided the list has, the newest first."""


@never_cache
@get_or_post
def report_new(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """Report a post."""
    return _report(request, find(request.user, kind, pk))


@never_cache
@get_or_post
def message_report(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Report a message of a room."""
    return _report(request, find_message(request.user, pk, number))


@never_cache
@require_safe
def reports(request: MemberRequest) -> HttpResponse:
    """What waits for the reader's decision, what was decided there, and what they reported themselves."""
    decidable = Report.objects.decidable_by(request.user).with_people()
    mine = Report.objects.filter(by=request.user).with_people()
    context = {
        "waiting": decidable.open().order_by("at", "pk"),
        "decided": decidable.filter(decided_at__isnull=False).order_by("-decided_at", "-pk")[:REPORTS_SHOWN],
        "mine": mine.order_by("-at", "-pk")[:REPORTS_SHOWN],
    }
    return render(request, "reports/report_list.html", context)


@never_cache
@get_or_post
def report_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One report: for who made it, for the author of what it is on, and for those who decide."""
    visible = Report.objects.visible_to(request.user).with_people()
    report = get_object_or_404(visible.select_related("space__institute"), pk=pk)
    thing = reported(report.thing_kind, report.thing_id)
    decides = thing is not None and can_decide(request.user, thing)
    if request.method == "POST":
        require(decides, actions.why_not_decide())
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        actions.decide(report=report, by=request.user, **form.cleaned_data)
        messages.success(request, gettext("Decided. Everyone concerned has been told."))
        return redirect("reports")
    bell.mark_seen(user=request.user, things=[(THING, pk)])
    is_author = thing is not None and thing.author == request.user
    context = {
        "report": report,
        "thing": thing,
        "files": [shown(file) for file in thing.files] if thing and (decides or is_author) else [],
        "decides": decides,
        "is_author": is_author,
        "mended": _was_mended(report, thing),
        "institute": report.space.institute,
        "helpline": helpline_of(report.space.institute),
        "form": form,
    }
    return render(request, "reports/report_detail.html", context, status=400 if form.errors else 200)


def _was_mended(report: Report, thing: Thing | None) -> bool:
    edited_at = thing.row.edited_at if thing else None
    return edited_at is not None and edited_at > report.at


def _report(request: MemberRequest, thing: Thing | None) -> HttpResponse:
    if thing is None:
        raise Http404
    require(thing.author != request.user, actions.why_not_own())
    form = ReportForm(request.POST or None, thing=thing)
    refused = ""
    if form.is_valid():
        try:
            report = actions.report(
                thing=thing,
                by=request.user,
                reason=form.cleaned_data["reason"],
                text=form.cleaned_data["details"],
                file_pk=form.cleaned_data["about"] or WHOLE,
                client_id=form.sent_id(),
            )
        except Refused as refusal:
            refused = str(refusal)
        else:
            return redirect("report_detail", report.pk)
    context = {
        "thing": thing,
        "space": thing.space,
        "form": form,
        "refused": refused,
        "institute": thing.space.institute,
        "helpline": helpline_of(thing.space.institute),
    }
    status = 403 if refused else 400 if form.errors else 200
    return render(request, "reports/report_form.html", context, status=status)
