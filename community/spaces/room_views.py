"""The room of a space: its page, and each deed in it as a form, or as JSON for the page's own script."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.access import Refused
from community.people import drafts
from community.spaces import actions
from community.spaces.forms import MessageForm
from community.spaces.models import Space
from community.spaces.permissions import why_no_talk
from community.spaces.reach import MemberRequest, space_or_404
from community.spaces.room import may_enter, member_of, page_of_room
from messaging.chat import actions as chat
from messaging.chat.models import Entry, RoomMember

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
    return _page(request, space, member, MessageForm())


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
    _space, member = _inside_or_404(request, pk)
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) < 18:
        chat.mark_read(room=member.room, user=request.user, number=int(number))
    return HttpResponse(status=204)


@require_POST
def message_edit(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Say one's own message otherwise."""
    space, member = _inside_or_404(request, pk)
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
    return JsonResponse({"n": number}) if _wants_json(request) else redirect(_place_of(pk, number))


@require_POST
def message_withdraw(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Take a message back; where it stood it can be put back."""
    _space, member = _inside_or_404(request, pk)
    chat.withdraw_message(room=member.room, number=number, by=request.user)
    return redirect(_place_of(pk, number))


@require_POST
def message_restore(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Put a message back."""
    _space, member = _inside_or_404(request, pk)
    chat.restore_message(room=member.room, number=number, by=request.user)
    return redirect(_place_of(pk, number))


def _inside_or_404(request: MemberRequest, pk: int) -> tuple[Space, RoomMember]:
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
        return redirect(_as_question(request, space, text))
    offers = member.role not in chat.KEEPERS and text.rstrip().endswith("?")
    if offers and not script and "sure" not in request.POST:
        return _page(request, space, member, form, offered=True)
    try:
        entry = chat.post_message(
            room=member.room,
            author=request.user,
            text=text,
            client_id=form.cleaned_data["client_id"] if script else form.sent_id(),
        )
    except Refused as no:
        return _page(request, space, member, form, refused=str(no))
    return JsonResponse({"n": entry.number}) if script else redirect(_place_of(space.pk, entry.number))


def _page(
    request: MemberRequest,
    space: Space,
    member: RoomMember,
    form: MessageForm,
    *,
    refused: str = "",
    offered: bool = False,
    editing: int | None = None,
) -> HttpResponse:
    status = 403 if refused else 200
    if refused and _wants_json(request):
        return JsonResponse({"why": refused}, status=status)
    before, edit = request.GET.get("before", "")[:9], request.GET.get("edit", "")[:9]
    if request.method != "POST" and edit.isdecimal():
        editing, form = _being_edited(request, member, int(edit))
    page = page_of_room(member, request.user, int(before) if before.isdecimal() else None)
    if page.is_live:
        chat.mark_read(room=member.room, user=request.user, number=page.last)
    context = {
        "space": space,
        "page": page,
        "form": form,
        "refused": refused,
        "offered": offered,
        "editing": editing,
        "why_not": "" if member.room.is_open else why_no_talk(space),
    }
    return render(request, "spaces/room.html", context, status=status)


def _being_edited(request: MemberRequest, member: RoomMember, number: int) -> tuple[int | None, MessageForm]:
    own = Entry.objects.filter(
        room=member.room,
        number=number,
        author=request.user,
        kind=Entry.Kind.MESSAGE,
        withdrawn_at=None,
    ).first()
    return (number, MessageForm(initial={"text": own.text})) if own else (None, MessageForm())


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


def _first_error(form: MessageForm) -> str:
    return str(next(iter(form.errors.values()))[0])


def _wants_json(request: MemberRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _place_of(pk: int, number: int) -> str:
    return f"{reverse('space_room', args=[pk])}#message-{number}"
