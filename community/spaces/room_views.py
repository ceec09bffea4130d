"""The room of a space: its page, and each deed in it as a form, or as JSON for the page's own script."""

import uuid
from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.access import Refused
from community.people import drafts
from community.spaces import actions
from community.spaces.forms import MessageForm, ReactionForm
from community.spaces.models import Space
from community.spaces.permissions import why_no_talk
from community.spaces.reach import MemberRequest, drafted, space_or_404
from community.spaces.room import (
    PAGE,
    Asked,
    Quote,
    RoomPage,
    follow_live,
    may_enter,
    member_of,
    page_of_room,
    quote,
)
from messaging.chat import actions as chat
from messaging.chat import history
from messaging.chat.entries import KEEPERS
from messaging.chat.models import Entry, RoomMember
from messaging.chat.reactions import react

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@get_or_post
def room(request: MemberRequest, pk: int) -> HttpResponse:
    """Read the room, and write into it."""
    space = space_or_404(request, pk)
    member = member_of(space, request.user)
    if member is None:
        return _not_in_it(request, space)
    if request.method == "POST":
        return _send(request, space, member)
    return _page(request, space, member)


@require_POST
def room_join(request: MemberRequest, pk: int) -> HttpResponse:
    """A coordinator of the institute goes in, seen by all."""
    space = space_or_404(request, pk)
    if not may_enter(space, request.user) and member_of(space, request.user) is None:
        raise Http404
    actions.admit_writing_staff(space=space, user=request.user)
    return redirect("space_room", pk)


@require_POST
def room_read(request: MemberRequest, pk: int) -> HttpResponse:
    """The reader has read the room up to a number; said by the page where no socket can."""
    _space, member = inside_or_404(request, pk)
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) < 18:
        chat.mark_read(room=member.room, user=request.user, number=int(number))
    return HttpResponse(status=204)


@require_POST
def message_edit(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Say one's own message otherwise."""
    space, member = inside_or_404(request, pk)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, space, member, form, refused=_first_error(form), editing=number)
    try:
        chat.edit_message(
            room=member.room,
            number=number,
            by=request.user,
            text=form.cleaned_data["text"],
            client_id=form.cleaned_data["client_id"] if _wants_json(request) else form.sent_id(),
        )
    except Refused as no:
        return _page(request, space, member, form, refused=str(no), editing=number)
    return JsonResponse({"n": number}) if _wants_json(request) else redirect(_place_of(pk, member, number))


@require_POST
def message_withdraw(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Take a message back; where it stood it can be put back."""
    return _do(request, *inside_or_404(request, pk), number, chat.withdraw_message)


@require_POST
def message_restore(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Put a message back."""
    return _do(request, *inside_or_404(request, pk), number, chat.restore_message)


@require_POST
def message_react(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Give a message a mark, or take it away."""
    space, member = inside_or_404(request, pk)
    form = ReactionForm(request.POST)
    if not form.is_valid():
        raise Refused(_first_error(form))
    return _do(
        request,
        space,
        member,
        number,
        react,
        mark=form.cleaned_data["mark"],
        on=form.cleaned_data["on"] == "1",
        client_id=form.cleaned_data["client_id"] or uuid.uuid4(),
    )


def _do(
    request: MemberRequest,
    space: Space,
    member: RoomMember,
    number: int,
    deed: Callable[..., Entry],
    **about: object,
) -> HttpResponse:
    """What a button at a message asks for. A script is told what became of it; who has none sees the
    message."""
    try:
        entry = deed(room=member.room, number=number, by=request.user, **about)
    except Refused as no:
        if _wants_json(request):
            return JsonResponse({"why": str(no)}, status=403)
        raise
    if _wants_json(request):
        return JsonResponse({"n": entry.number})
    return redirect(_place_of(space.pk, member, number))


def inside_or_404(request: MemberRequest, pk: int) -> tuple[Space, RoomMember]:
    """The space and the reader's place in its room; for who has none there is no such page."""
    space = space_or_404(request, pk)
    member = member_of(space, request.user)
    if member is None:
        raise Http404
    return space, member


def _not_in_it(request: MemberRequest, space: Space) -> HttpResponse:
    if not may_enter(space, request.user):
        raise Http404
    if request.method == "POST":
        raise Refused(gettext("Join the room first; everybody there sees it."))
    return render(request, "spaces/room_join.html", {"space": space})


def _send(request: MemberRequest, space: Space, member: RoomMember) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, space, member, form, refused=_first_error(form))
    text, script = form.cleaned_data["text"], _wants_json(request)
    if "ask" in request.POST:
        drafts.drop(request.user, request.path)
        return redirect(_as_question(request, space, text))
    offers = member.role not in KEEPERS and text.rstrip().endswith("?")
    if offers and not script and "sure" not in request.POST:
        return _page(request, space, member, form, offered=True)
    try:
        entry = chat.post_message(
            room=member.room,
            author=request.user,
            text=text,
            client_id=form.cleaned_data["client_id"] if script else form.sent_id(),
            re=form.cleaned_data["re"],
        )
    except Refused as no:
        return _page(request, space, member, form, refused=str(no))
    # What a script sends late may be older than what was begun since.
    if not script or drafts.at(request.user, request.path)["fields"].get("text", "").strip() == text.strip():
        drafts.drop(request.user, request.path)
    number = entry.number
    return JsonResponse({"n": number}) if script else redirect(_place_of(space.pk, member, number))


def _page(
    request: MemberRequest,
    space: Space,
    member: RoomMember,
    form: MessageForm | None = None,
    *,
    refused: str = "",
    offered: bool = False,
    editing: int | None = None,
) -> HttpResponse:
    status = 403 if refused else 200
    if refused and _wants_json(request):
        return JsonResponse({"why": refused}, status=status)
    page = page_of_room(member, request.user, _asked(request))
    edit = _number(request, "edit")
    if request.method != "POST" and edit is not None:
        editing, form = _being_edited(request, member, edit)
    replying = None if editing else _being_answered(request, page, form)
    if form is None:
        form, replying = _begun(request, page, replying)
    follow_live(request, member)
    if page.read_to is not None:
        chat.mark_read(room=member.room, user=request.user, number=page.read_to)
    context = {
        "space": space,
        "page": page,
        "form": form,
        "refused": refused,
        "offered": offered,
        "editing": editing,
        "replying": replying,
        "why_not": "" if member.room.is_open else why_no_talk(space),
    }
    return render(request, "spaces/room.html", context, status=status)


def _asked(request: MemberRequest) -> Asked:
    """Which part of the room the address asks for."""
    at = _number(request, "at")
    return Asked(
        before=_number(request, "before") if at is None else None,
        after=_number(request, "after") if at is None else None,
        at=at,
        unread="unread" in request.GET,
    )


def _number(request: MemberRequest, name: str) -> int | None:
    asked = request.GET.get(name, "")[:9]
    return int(asked) if asked.isdecimal() else None


def _being_answered(request: MemberRequest, page: RoomPage, form: MessageForm | None) -> Quote | None:
    """The message that the reader replies to: by the address, or by the form that came back."""
    return _quote(page, request.GET.get("re", "") if form is None else form.data.get("re", ""))


def _quote(page: RoomPage, number: str) -> Quote | None:
    """The message of this number, if it stands."""
    number = number[:9]
    found = history.quote_of(page.room, int(number)) if number.isdecimal() else None
    return quote(found) if found and "gone" not in found else None


def _begun(
    request: MemberRequest, page: RoomPage, replying: Quote | None
) -> tuple[MessageForm, Quote | None]:
    """The box with what the reader began to write in it, on this device or another."""
    fields = drafted(request).initial if page.is_live else {}
    replying = replying or _quote(page, fields.get("re", ""))
    initial = {"text": fields.get("text", ""), "re": replying and replying.number}
    return MessageForm(initial=initial), replying


def _being_edited(
    request: MemberRequest, member: RoomMember, number: int
) -> tuple[int | None, MessageForm | None]:
    own = Entry.objects.filter(
        room=member.room,
        number=number,
        author=request.user,
        kind=Entry.Kind.MESSAGE,
        withdrawn_at=None,
    ).first()
    return (number, MessageForm(initial={"text": own.text})) if own else (None, None)


def _as_question(request: MemberRequest, space: Space, text: str) -> str:
    """Keep the text as the draft of a question, and give the address where it goes on."""
    path = reverse("question_new", args=[space.pk])
    begun = drafts.at(request.user, path)["fields"]
    title, rest = (text, "") if len(text) <= 160 and "\n" not in text else ("", text)
    if begun.get("title") or begun.get("text"):
        title, rest = begun.get("title", ""), "\n\n".join(filter(None, [begun.get("text", ""), text]))
    fields = begun | {name: words for name, words in (("title", title), ("text", rest)) if words}
    drafts.save(user=request.user, place=path, title=space.title, fields=fields)
    return path


def _first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])


def _wants_json(request: MemberRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _place_of(pk: int, member: RoomMember, number: int) -> str:
    """The address of a message: on the page of the newest, or on the one around it."""
    far = f"?at={number}" if history.has_after(member.room, number, PAGE) else ""
    return f"{reverse('space_room', args=[pk])}{far}#message-{number}"
