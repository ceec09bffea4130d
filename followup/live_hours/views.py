"""Pages of live hours: announcing, moving, cancelling, going live, and keeping messages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import Refused, require
from common.dates import hour_in_words
from common.rates import require_pace
from common.text import clean_line
from community.people.invitations import is_local
from community.rooms.permissions import can_enter_room
from community.spaces import actions as spaces
from community.spaces.lookup import MemberRequest
from community.spaces.permissions import why_no_talk
from followup.live_hours import actions, news
from followup.live_hours.forms import LiveHourForm
from followup.live_hours.models import LiveHour
from followup.live_hours.permissions import can_announce
from followup.live_hours.queries import hours_of
from followup.months.lookup import month_or_404
from followup.months.models import Month
from messaging.chat import history

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def live_hours(request: MemberRequest, pk: int) -> HttpResponse:
    """The hours of a month; trainers and coordinators announce one here."""
    month = month_or_404(request, pk)
    may_announce = can_announce(request.user, month)
    form = LiveHourForm(request.POST or None, month=month) if may_announce and month.space.is_open else None
    refused = ""
    if request.method == "POST":
        require(may_announce, gettext("Only a trainer or the coordinator can announce a live hour."))
        require(form is not None, why_no_talk(month.space))
        if form is not None and form.is_valid():
            try:
                require_pace(request.user.pk, form.cleaned_data)
                hour = actions.announce(month=month, by=request.user, **form.times())
            except Refused as refusal:
                refused = str(refusal)
            else:
                text = gettext(
                    "Announced for %(when)s. Everyone will be notified now and reminded half an hour before."
                )
                messages.success(request, text % {"when": hour_in_words(hour.starts_at)})
                return redirect("live_hours", pk=pk)
    hours = hours_of(month.pk)
    news.mark_seen(request.user, [hour.pk for hour in hours])
    context = {
        "month": month,
        "space": month.space,
        "form": form,
        "refused": refused,
        "may_announce": may_announce,
        "may_enter_room": can_enter_room(request.user, month.space),
        "to_come": [hour for hour in reversed(hours) if not hour.is_past],
        "over": [hour for hour in hours if hour.is_past],
    }
    return render(request, "live_hours/live_hour_list.html", context, status=_status(form, refused))


@get_or_post
def live_hour_move(request: MemberRequest, pk: int, hour_pk: int) -> HttpResponse:
    """Move an hour, or give it another title."""
    month, hour = _hour_of(request, pk, hour_pk)
    require(
        can_announce(request.user, month),
        gettext("Only a trainer or the coordinator can announce a live hour."),
    )
    require(hour.is_ahead, gettext("This hour has already started, so it can’t be moved."))
    form = LiveHourForm(request.POST or None, month=month, hour=hour)
    refused = ""
    if form.is_valid():
        try:
            require_pace(request.user.pk, form.cleaned_data)
            moved = actions.move(hour=hour, by=request.user, **form.times())
        except Refused as refusal:
            refused = str(refusal)
        else:
            text = gettext("Scheduled for %(when)s. If the time changed, everyone is notified.")
            messages.success(request, text % {"when": hour_in_words(moved.starts_at)})
            return redirect("live_hours", pk=pk)
    context = {"month": month, "space": month.space, "hour": hour, "form": form, "refused": refused}
    return render(request, "live_hours/live_hour_form.html", context, status=_status(form, refused))


@require_POST
def live_hour_cancel(request: MemberRequest, pk: int, hour_pk: int) -> HttpResponse:
    """Cancel an hour, or end the one that is going on; go on to `next` if it is a page of ours."""
    _month, hour = _hour_of(request, pk, hour_pk)
    ended = actions.cancel(hour=hour, by=request.user)
    messages.success(
        request,
        gettext("Cancelled. Everyone is notified.")
        if ended.cancelled_at
        else gettext("The live hour has ended. The messages stay in the chat."),
    )
    path = request.POST.get("next", "")
    return redirect(path) if is_local(path) else redirect("live_hours", pk=pk)


@require_POST
def live_now(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin an hour now."""
    month = month_or_404(request, pk)
    hour = actions.go_live(
        month=month, by=request.user, title=clean_line(request.POST.get("title", ""))[:120]
    )
    spaces.admit_writing_staff(space=month.space, user=request.user)
    messages.success(
        request, gettext("You’re live in the chat until %(when)s.") % {"when": hour_in_words(hour.ends_at)}
    )
    return redirect("space_room", pk=month.space_id)


@require_safe
def live_hour_keep(request: MemberRequest, pk: int, hour_pk: int) -> HttpResponse:
    """Redirect to the messages of the hour, to select which to keep."""
    month, hour = _hour_of(request, pk, hour_pk)
    require(can_announce(request.user, month), gettext("Only a trainer or a coordinator can keep messages."))
    span = history.numbers_between(month.space.room_id, hour.starts_at, hour.ends_at)
    url = reverse("room_keep", kwargs={"pk": month.space_id})
    return redirect(f"{url}?from={span[0]}&to={span[1]}" if span else url)


def _hour_of(request: MemberRequest, pk: int, hour_pk: int) -> tuple[Month, LiveHour]:
    month = month_or_404(request, pk)
    hour = get_object_or_404(LiveHour.objects.filter(month=month).select_related("announced_by"), pk=hour_pk)
    hour.month = month
    return month, hour


def _status(form: LiveHourForm | None, refused: str) -> int:
    return 403 if refused else 400 if form is not None and form.errors else 200
