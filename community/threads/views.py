"""The pages of conversations and questions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.access import Refused
from common.paging import page_of
from community.people import drafts
from community.posts import actions as posts
from community.posts.permissions import can_edit
from community.posts.queries import load_kept_messages
from community.spaces.models import Space
from community.spaces.people import roles_in
from community.spaces.permissions import can_add_practice, can_talk, why_no_talk
from community.spaces.reach import Drafted, MemberRequest, discards_draft, drafted, space_or_404
from community.threads import actions, news, reading, unread
from community.threads.forms import QuestionForm, ReplyForm, ThreadForm
from community.threads.models import Reply, Thread, ThreadQuerySet
from community.threads.permissions import can_reply
from messaging.notifications import bell

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def space(request: MemberRequest, space: Space) -> HttpResponse:
    """The front page of a space: its conversations."""
    bell.mark_seen(user=request.user, things=[("space", space.pk)])
    return _list(request, space, reading.conversations_of(space, request.user), "threads/thread_list.html")


@require_GET
def questions(request: MemberRequest, pk: int) -> HttpResponse:
    """The questions of a space, those that wait for an answer first."""
    space = space_or_404(request, pk)
    return _list(request, space, reading.questions_of(space, request.user), "threads/question_list.html")


@require_POST
def mark_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Nothing is new here any more, says the reader."""
    space = space_or_404(request, pk)
    unread.mark_all_seen(space, request.user)
    bell.mark_seen_in(user=request.user, scope=space.scope, thing_kind="thread")
    return redirect("space", pk)


@get_or_post
def thread_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Start a conversation."""
    return _start(request, space_or_404(request, pk), ThreadForm)


@get_or_post
def question_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask a question. It has a page of its own so that a draft meant for the trainer stays a question."""
    return _start(request, space_or_404(request, pk), QuestionForm)


@get_or_post
def thread(request: MemberRequest, pk: int) -> HttpResponse:
    """Read a conversation from the first reply that is new to the reader, and reply."""
    thread = _thread_or_404(request, pk)
    if request.method == "POST":
        return redirect("thread", pk) if discards_draft(request) else _reply(request, thread)
    if "page" not in request.GET and (new := _first_new(thread, request)):
        return redirect(new)
    draft = drafted(request)
    return _thread_page(request, thread, ReplyForm(initial=draft.initial), draft=draft)


@get_or_post
def thread_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Mend the opening of one's own conversation."""
    thread = _thread_or_404(request, pk)
    if not can_edit(request.user, thread):
        raise Refused(gettext("Only who wrote something can change it."))
    written = {"title": thread.title, "text": thread.text, "language": thread.language}
    if discards_draft(request):
        return redirect(request.path)
    draft = drafted(request)
    form = ThreadForm(request.POST or None, initial=draft.initial or written)
    if form.is_valid():
        words = {name: form.cleaned_data[name] for name in written}
        actions.edit_thread(thread=thread, by=request.user, **words)
        drafts.drop(request.user, request.path)
        return redirect("thread", pk)
    context = {"title": thread.title, "form": form, "draft": draft, "back": reverse("thread", args=[pk])}
    return render(request, "threads/post_edit.html", context)


@get_or_post
def reply_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Mend one's own reply."""
    reply = _reply_or_404(request, pk)
    if not can_edit(request.user, reply):
        raise Refused(gettext("Only who wrote something can change it."))
    if discards_draft(request):
        return redirect(request.path)
    draft = drafted(request)
    initial = draft.initial or {"text": reply.text, "tried": reply.tried}
    form = ReplyForm(request.POST or None, initial=initial, holds_messages=reply.kept_from is not None)
    if form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("text", "tried")}
        actions.edit_reply(reply=reply, by=request.user, **words)
        drafts.drop(request.user, request.path)
        return redirect(news.reply_path(reply))
    title = "" if reply.thread.withdrawn_at else reply.thread.title
    context = {"title": title, "form": form, "draft": draft, "back": news.reply_path(reply)}
    return render(request, "threads/post_edit.html", context)


@require_POST
def thread_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a conversation back; its page then offers to undo it."""
    posts.withdraw(post=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


@require_POST
def thread_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a conversation back."""
    posts.restore(post=_thread_or_404(request, pk), by=request.user)
    messages.success(request, gettext("It is back."))
    return redirect("thread", pk)


@require_POST
def reply_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a reply back; where it stood it can be put back."""
    reply = _reply_or_404(request, pk)
    posts.withdraw(post=reply, by=request.user)
    return redirect(news.reply_path(reply))


@require_POST
def reply_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a reply back."""
    reply = _reply_or_404(request, pk)
    posts.restore(post=reply, by=request.user)
    return redirect(news.reply_path(reply))


@require_POST
def reply_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that this reply is the answer."""
    reply = _reply_or_404(request, pk)
    actions.accept_answer(reply=reply, by=request.user)
    return redirect(news.reply_path(reply))


@require_POST
def thread_unaccept(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that the question still needs an answer."""
    actions.unaccept(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


@require_POST
def thread_pin(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep a conversation on top."""
    actions.pin(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


@require_POST
def thread_unpin(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a conversation take its place among the others."""
    actions.unpin(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


def _thread_or_404(request: MemberRequest, pk: int) -> Thread:
    threads = Thread.objects.visible_to(request.user)
    return get_object_or_404(
        threads.select_related("space__institute", "author", "answer", "withdrawn_by"), pk=pk
    )


def _reply_or_404(request: MemberRequest, pk: int) -> Reply:
    replies = Reply.objects.visible_to(request.user)
    return get_object_or_404(replies.select_related("thread__space__institute", "thread__answer"), pk=pk)


def _list(request: MemberRequest, space: Space, threads: ThreadQuerySet, template: str) -> HttpResponse:
    page = page_of(request, threads)
    load_kept_messages(page.object_list)
    context = {
        "space": space,
        "page": page,
        "roles": roles_in(space),
        "can_talk": can_talk(request.user, space),
        "anything_new": any(thread.is_new or thread.new_replies for thread in page),
    }
    return render(request, template, context)


def _first_new(thread: Thread, request: MemberRequest) -> str:
    """Where to go on reading a thread one has read before; nothing when all is read, or on a first visit."""
    read = unread.with_reading(Thread.objects.filter(pk=thread.pk), request.user).get()
    return unread.opens_at(read) if unread.goes_on_at(read) else ""


def _start(request: MemberRequest, space: Space, form_class: type[ThreadForm]) -> HttpResponse:
    if discards_draft(request):
        return redirect(request.path)
    draft = drafted(request)
    form = form_class(request.POST or None, initial={"language": space.language, **draft.initial})
    asks = isinstance(form, QuestionForm)
    refused = "" if can_talk(request.user, space) else why_no_talk(space)
    if form.is_valid():
        written = form.cleaned_data
        try:
            thread = actions.start_thread(
                space=space,
                author=request.user,
                kind=Thread.Kind.QUESTION if asks else Thread.Kind.CONVERSATION,
                audience=written.get("audience", Thread.Audience.EVERYONE),
                title=written["title"],
                text=written["text"],
                language=written["language"],
                client_id=form.sent_id(),
            )
        except Refused as no:
            refused = str(no)
        else:
            drafts.drop(request.user, request.path)
            return redirect("thread", thread.pk)
    context = {
        "space": space,
        "form": form,
        "asks": asks,
        "refused": refused,
        "draft": draft,
        "may_add_practice": can_add_practice(request.user, space),
    }
    return render(request, "threads/thread_form.html", context, status=403 if refused else 200)


def _reply(request: MemberRequest, thread: Thread) -> HttpResponse:
    form = ReplyForm(request.POST)
    refused = ""
    if form.is_valid():
        try:
            reply = actions.post_reply(
                thread=thread,
                author=request.user,
                text=form.cleaned_data["text"],
                tried=form.cleaned_data["tried"],
                client_id=form.sent_id(),
            )
        except Refused as no:
            refused = str(no)
        else:
            drafts.drop(request.user, request.path)
            return redirect(news.reply_path(reply))
    return _thread_page(request, thread, form, refused=refused, status=403 if refused else 200)


def _thread_page(
    request: MemberRequest,
    thread: Thread,
    form: ReplyForm,
    *,
    draft: Drafted | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = request.GET.get("page", "")
    last_page = unread.page_of_number(thread.last_number)
    # Before the replies are read: what comes in between is shown and is news, never the other way round.
    bell.mark_seen(user=request.user, things=[("thread", thread.pk)])
    page = int(asked[:9]) if asked.isdecimal() else (last_page if form.is_bound else 1)
    shown = reading.replies_shown(thread, request.user, page)
    load_kept_messages([thread, *shown.replies])
    unread.mark_seen(thread, request.user, first=shown.first, last=shown.last)
    context = {
        "thread": thread,
        "space": thread.space,
        "shown": shown,
        "roles": roles_in(thread.space),
        "form": form,
        "draft": draft,
        "refused": refused,
        "answer_url": news.reply_path(thread.answer) if thread.answer else "",
        "can_reply": can_reply(request.user, thread),
        "may_add_practice": can_add_practice(request.user, thread.space),
        "why_not": "" if can_talk(request.user, thread.space) else why_no_talk(thread.space),
    }
    return render(request, "threads/thread_detail.html", context, status=status)
