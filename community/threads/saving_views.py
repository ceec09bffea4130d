"""The page on which those who keep order select messages of the room to keep."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from common.access import Refused, require
from common.rates import require_pace
from community.rooms.beside_queries import member_of
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from community.spaces.permissions import can_keep_order, why_no_talk
from community.threads import news, saving_from_room
from community.threads.models import Thread
from community.threads.saving_forms import KeepForm
from messaging.chat.models import Entry

MESSAGES_PER_PAGE = 200


@require_http_methods(["GET", "HEAD", "POST"])
def room_keep(request: MemberRequest, pk: int) -> HttpResponse:
    """Select messages and what they become: those of a part of the log, between `?from=` and `?to=`; those
    around one, `?at=`, with the exchange it belongs to selected already; or all, the newest first, as well
    when that one was withdrawn meanwhile."""
    space = space_or_404(request, pk)
    require(
        can_keep_order(request.user, space), gettext("Only people who keep order here can keep messages.")
    )
    require(space.is_open, why_no_talk(space))
    if member_of(space, request.user) is None:
        # Only visible members of the room may read it.
        return redirect("space_room", pk)
    messages, picked = _messages(request, space)
    form = KeepForm(
        request.POST or None,
        numbers=_numbers(request) if request.method == "POST" else [message.number for message in messages],
        questions=saving_from_room.waiting_questions(space, request.user),
    )
    refused = ""
    if form.is_valid():
        try:
            require_pace(request.user.pk, form.cleaned_data)
            return redirect(_keep(request, space, form))
        except Refused as refusal:
            refused = str(refusal)
    context = {
        "space": space,
        "offered_messages": messages,
        "form": form,
        "picked": set(_numbers(request)) if request.method == "POST" else picked,
        "refused": refused,
        "narrowed": _number(request, "from") is not None,
        "around": bool(picked),
        "opens_at": min(picked, default=0),
    }
    status = 403 if refused else 400 if form.errors else 200
    return render(request, "threads/room_keep.html", context, status=status)


def _keep(request: MemberRequest, space: Space, form: KeepForm) -> str:
    choice = form.cleaned_data
    if choice["becomes"] == KeepForm.ANSWER:
        reply = saving_from_room.keep_as_answer(
            thread=choice["question"], numbers=choice["numbers"], by=request.user, client_id=form.sent_id()
        )
        return news.reply_path(reply)
    asks = choice["becomes"] == KeepForm.QUESTION
    thread = saving_from_room.keep_as_thread(
        space=space,
        numbers=choice["numbers"],
        title=choice["title"],
        kind=Thread.Kind.QUESTION if asks else Thread.Kind.CONVERSATION,
        by=request.user,
        client_id=form.sent_id(),
    )
    return reverse("thread", args=[thread.pk])


def _messages(request: MemberRequest, space: Space) -> tuple[list[Entry], set[int]]:
    """The messages that are offered, and the numbers of those that are selected already."""
    if (at := _number(request, "at")) is not None:
        exchange = saving_from_room.exchange_around(space, at)
        if exchange.messages:
            return exchange.messages, exchange.numbers
    rows = Entry.objects.filter(room=space.room_id, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    if (first := _number(request, "from")) is not None:
        rows = rows.filter(number__gte=first)
    if (last := _number(request, "to")) is not None:
        rows = rows.filter(number__lte=last)
    newest_first = list(rows.select_related("author").order_by("-number")[:MESSAGES_PER_PAGE])
    return (newest_first if first is None else newest_first[::-1]), set()


def _number(request: MemberRequest, name: str) -> int | None:
    digits = request.GET.get(name, "")
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


def _numbers(request: MemberRequest) -> list[int]:
    """The selected numbers. The action refuses a message that was withdrawn meanwhile."""
    return [
        int(digits) for digits in request.POST.getlist("numbers") if digits.isdecimal() and len(digits) < 16
    ]
