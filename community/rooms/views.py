"""The page of a room, and its actions: submitted as forms, or by the page's script with a JSON response."""

import uuid
from typing import TypedDict

from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import Refused
from common.languages import language_for
from common.rates import require_chat_pace
from common.scripted import refuses_in_json, wants_json
from community.people import drafts
from community.rooms import extensions
from community.rooms.beside_queries import member_of
from community.rooms.forms import MessageForm, ReactionForm
from community.rooms.permissions import can_join_room
from community.rooms.queries import (
    MESSAGES_PER_PAGE,
    PageRequest,
    Quote,
    Reading,
    RoomPage,
    follow_live,
    page_of_room,
    quote,
    reading_of,
)
from community.spaces import actions
from community.spaces.kinds import kind_of
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from community.spaces.permissions import why_no_talk
from messaging.chat import actions as chat
from messaging.chat import history
from messaging.chat.models import Entry, RoomMember
from messaging.chat.reactions import react
from messaging.files.actions import Attached

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class Done(TypedDict):
    """What a script gets for an action: the number of the entry that logs it."""

    n: int


class HourNow(TypedDict):
    """The live hour that is going on, or the next one; without a `line` there is none."""

    line: str
    live: bool


@never_cache
@get_or_post
@refuses_in_json
def room(request: MemberRequest, pk: int) -> HttpResponse:
    """Read the room, and post into it."""
    space = space_or_404(request, pk)
    reading = reading_of(space, request.user)
    if reading is None:
        return _not_a_member(request, space)
    if request.method == "POST":
        return _post(request, space, reading)
    return _page(request, space, reading)


@require_POST
def room_join(request: MemberRequest, pk: int) -> HttpResponse:
    """A coordinator of the institute joins, visible to all members."""
    space = space_or_404(request, pk)
    if not can_join_room(request.user, space) and member_of(space, request.user) is None:
        raise Http404
    actions.admit_writing_staff(space=space, user=request.user)
    return redirect("space_room", pk)


@require_POST
def room_read(request: MemberRequest, pk: int) -> HttpResponse:
    """The reader has read up to a number. The page posts it when it has no socket."""
    _space, member = member_or_404(request, pk)
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) < 18:
        chat.mark_read(room=member.room, user=request.user, number=int(number))
    return HttpResponse(status=204)


@require_safe
@never_cache
def room_hour(request: MemberRequest, pk: int) -> HttpResponse:
    """When somebody will be in the room, or is there now. Pages that are open ask when it has changed."""
    space, _member = member_or_404(request, pk)
    hour = kind_of(space).hour(request, space)
    return JsonResponse(HourNow(line=hour.line if hour else "", live=bool(hour and hour.is_live)))


@require_POST
@refuses_in_json
def message_edit(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Change one's own message."""
    space = space_or_404(request, pk)
    reading = reading_of(space, request.user)
    if reading is None:
        raise Http404
    form = MessageForm(request.POST, by_script=wants_json(request))
    if not form.is_valid():
        return _page(request, space, reading, form, refused=_first_error(form), editing=number)
    try:
        require_chat_pace(request.user.pk)
        chat.edit_message(
            room=reading.member.room,
            number=number,
            by=request.user,
            text=form.cleaned_data["text"],
            client_id=form.sent_id(),
        )
    except Refused as refusal:
        return _page(request, space, reading, form, refused=str(refusal), editing=number)
    return _done(request, space, reading.member, number)


@require_POST
@refuses_in_json
def message_withdraw(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Withdraw a message; its placeholder offers to restore it."""
    space, member = member_or_404(request, pk)
    require_chat_pace(request.user.pk)
    entry = chat.withdraw_message(room=member.room, number=number, by=request.user)
    return _done(request, space, member, number, logged=entry)


@require_POST
@refuses_in_json
def message_restore(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Restore a withdrawn message."""
    space, member = member_or_404(request, pk)
    require_chat_pace(request.user.pk)
    entry = chat.restore_message(room=member.room, number=number, by=request.user)
    return _done(request, space, member, number, logged=entry)


@require_POST
@refuses_in_json
def message_react(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Give a message a mark, or remove it."""
    space, member = member_or_404(request, pk)
    form = ReactionForm(request)
    if not form.is_valid():
        raise Refused(_first_error(form))
    require_chat_pace(request.user.pk)
    entry = react(
        room=member.room,
        number=number,
        by=request.user,
        mark=form.cleaned_data["mark"],
        on=form.cleaned_data["on"] == "1",
        client_id=form.cleaned_data["client_id"] or uuid.uuid4(),
    )
    return _done(request, space, member, number, logged=entry)


def member_or_404(request: MemberRequest, pk: int) -> tuple[Space, RoomMember]:
    """The space and the reader's membership in its room. Raises Http404 unless the reader is a member of the
    room."""
    space = space_or_404(request, pk)
    member = member_of(space, request.user)
    if member is None:
        raise Http404
    return space, member


def _not_a_member(request: MemberRequest, space: Space) -> HttpResponse:
    if not can_join_room(request.user, space):
        raise Http404
    if request.method == "POST":
        raise Refused(gettext("Join the chat first. Everyone in it will see that you have joined."))
    return render(request, "rooms/room_join.html", {"space": space})


def _post(request: MemberRequest, space: Space, reading: Reading) -> HttpResponse:
    script, member = wants_json(request), reading.member
    form = MessageForm(request.POST, request.FILES, by_script=script)
    form.receive(request.user)
    if not form.is_valid():
        return _page(request, space, reading, form, refused=_first_error(form))
    text, files = form.cleaned_data["text"], form.cleaned_data["files"]
    if "ask" in request.POST:
        question = _draft_question(request, space, text, files)
        drafts.delete_draft(request.user, request.path)
        return redirect(question)
    offers = not member.keeps_order and text.rstrip().endswith("?")
    if offers and not script and "sure" not in request.POST:
        return _page(request, space, reading, form, offered=True)
    try:
        require_chat_pace(request.user.pk)
        entry = chat.post_message(
            room=member.room,
            author=request.user,
            text=text,
            client_id=form.sent_id(),
            language=language_for(request.user.language),
            re=form.cleaned_data["re"],
            files=files.keys,
            alts=dict(files.alts),
        )
    except Refused as refusal:
        return _page(request, space, reading, form, refused=str(refusal))
    # A script may send a queued message late, when the draft already contains a newer text.
    if (
        not script
        or drafts.get_draft(request.user, request.path)["fields"].get("text", "").strip() == text.strip()
    ):
        drafts.delete_draft(request.user, request.path)
    return _done(request, space, member, entry.number)


def _done(
    request: MemberRequest, space: Space, member: RoomMember, number: int, *, logged: Entry | None = None
) -> HttpResponse:
    """A script gets the number of the entry that logs the action; a form leads back to the message."""
    if wants_json(request):
        return JsonResponse(Done(n=logged.number if logged else number))
    query = f"?at={number}" if history.has_after(member.room, number, MESSAGES_PER_PAGE) else ""
    return redirect(f"{reverse('space_room', args=[space.pk])}{query}#message-{number}")


def _page(
    request: MemberRequest,
    space: Space,
    reading: Reading,
    form: MessageForm | None = None,
    *,
    refused: str = "",
    offered: bool = False,
    editing: int | None = None,
) -> HttpResponse:
    if refused and wants_json(request):
        raise Refused(refused)
    member = reading.member
    page = page_of_room(reading, _page_request(request))
    edit = _number(request, "edit")
    if request.method != "POST" and edit is not None:
        editing, form = _edit_form(request, member, edit)
    replying = None if editing else _replied_to(request, page, form)
    if form is None:
        form, replying = _form_with_draft(reading, page, replying)
    form.load_attached(request.user)
    follow_live(request, member)
    if page.read_to is not None and page.read_to > member.read_number:
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
        "links": extensions.links_of(request, space),
    }
    return render(request, "rooms/room.html", context, status=403 if refused else 200)


def _page_request(request: MemberRequest) -> PageRequest:
    at = _number(request, "at")
    return PageRequest(
        before=_number(request, "before") if at is None else None,
        after=_number(request, "after") if at is None else None,
        at=at,
        unread="unread" in request.GET,
    )


def _number(request: MemberRequest, name: str) -> int | None:
    digits = request.GET.get(name, "")[:9]
    return int(digits) if digits.isdecimal() else None


def _replied_to(request: MemberRequest, page: RoomPage, form: MessageForm | None) -> Quote | None:
    """The message being replied to: from the URL, or from a form that was refused."""
    return _quote(page, request.GET.get("re", "") if form is None else form.data.get("re", ""))


def _quote(page: RoomPage, number: str) -> Quote | None:
    """The message with this number, unless it is withdrawn."""
    number = number[:9]
    found = history.quote_of(page.room, int(number)) if number.isdecimal() else None
    return quote(found) if found and "gone" not in found else None


def _form_with_draft(
    reading: Reading, page: RoomPage, replying: Quote | None
) -> tuple[MessageForm, Quote | None]:
    """The composer with the reader's draft, which may come from another device."""
    fields = reading.draft if page.is_live else {}
    replying = replying or _quote(page, fields.get("re", ""))
    initial = {"text": fields.get("text", ""), "re": replying and replying.number}
    return MessageForm(initial=initial), replying


def _edit_form(
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


def _draft_question(request: MemberRequest, space: Space, text: str, files: Attached) -> str:
    """Add the text and the files to the draft of a question, and return the URL of its form."""
    path = extensions.question_path(space)
    draft = drafts.get_draft(request.user, path)["fields"]
    title, rest = (text, "") if len(text) <= 160 and "\n" not in text else ("", text)
    if draft.get("title") or draft.get("text"):
        title, rest = draft.get("title", ""), "\n\n".join(filter(None, [draft.get("text", ""), text]))
    keys = "\n".join(filter(None, [draft.get("files", ""), *(key.hex for key in files.keys)]))
    alts = {f"alt-{key.hex}": alt for key, alt in files.alts}
    values = {"title": title, "text": rest, "files": keys, **alts}
    fields = draft | {name: value for name, value in values.items() if value}
    drafts.save(user=request.user, path=path, title=space.title, fields=fields)
    return path


def _first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])
