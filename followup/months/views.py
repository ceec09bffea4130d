"""Pages of a month: extending it, and reading along."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common.access import require
from common.dates import day_in_words
from common.rates import require_pace
from community.spaces import actions as spaces
from community.spaces.lookup import MemberRequest
from community.spaces.models import Membership
from followup.months import actions
from followup.months.forms import ExtensionForm
from followup.months.lookup import month_or_404
from followup.months.models import Extension
from followup.months.permissions import can_answer, can_extend

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def extend(request: MemberRequest, pk: int) -> HttpResponse:
    """Extend the month: the form is submitted once to preview and once to extend."""
    month = month_or_404(request, pk)
    require(
        can_extend(request.user, month),
        gettext("Only the coordinator or a trainer can extend the follow-up."),
    )
    form = ExtensionForm(request.POST or None, month=month)
    preview = None
    if request.method == "POST" and form.is_valid():
        if "preview" not in request.POST:
            require_pace(request.user.pk, form.cleaned_data)
            extension = actions.extend(month=month, by=request.user, **_extension(form))
            text = gettext("The follow-up now runs until %(day)s. Everyone in it is notified.")
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
        "member_count": Membership.objects.current().filter(space=month.space).count(),
        "extensions": [(extension, can_answer(request.user, extension)) for extension in reversed(before)],
    }
    return render(request, "months/month_extend.html", context, status=400 if form.errors else 200)


@require_POST
def answer(request: MemberRequest, pk: int, extension_pk: int) -> HttpResponse:
    """Record whether the trainer stays on hand."""
    month = month_or_404(request, pk)
    extension = get_object_or_404(Extension.objects.filter(month=month), pk=extension_pk)
    stays = request.POST.get("stays") == "yes"
    actions.answer_extension(extension=extension, stays=stays, by=request.user)
    messages.success(
        request,
        gettext("Thank you. Everyone can see that you’ll stay available.")
        if stays
        else gettext("Thank you. We won’t tell anyone that you’ll be available."),
    )
    return redirect("month_extend", pk=month.pk)


@require_POST
def read_along(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose to read along only, without weekly mails, or to get them again."""
    month = month_or_404(request, pk)
    on = request.POST.get("reads_along") == "yes"
    spaces.read_along(space=month.space, user=request.user, on=on)
    messages.success(
        request,
        gettext(
            "You’re just reading along. No weekly emails; we’ll only tell you when the follow-up is "
            "about to end."
        )
        if on
        else gettext("You’ll get the weekly emails again."),
    )
    return redirect("space", pk=month.space_id)


def _extension(form: ExtensionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("last_day", "reason", "stays")}
